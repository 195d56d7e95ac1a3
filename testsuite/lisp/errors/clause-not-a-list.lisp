(cond t)
