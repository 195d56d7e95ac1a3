(arg 0)
