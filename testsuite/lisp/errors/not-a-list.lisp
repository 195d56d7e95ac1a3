(append (cons 1 2) 3)
