(print "before")
(print
  (+ 1
     nowhere))
