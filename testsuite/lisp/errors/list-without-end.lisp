(print 1)
(print (list 1
  2
