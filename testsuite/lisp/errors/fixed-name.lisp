(setq list 5)
