(get (list 1 2 3) 3)
