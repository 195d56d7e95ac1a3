; the program's arguments; there are none here
(print (arg 0 7) (arg 1 nil) (arg 5 'none))
