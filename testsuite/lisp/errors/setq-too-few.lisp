(setq a 1 b)
