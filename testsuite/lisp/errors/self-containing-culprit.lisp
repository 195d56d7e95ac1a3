(setq c (container nil))
(set c (list c 1))
(car c)
