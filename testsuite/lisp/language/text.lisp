; comments, strings, quoting, layout
(print "plain" "with \"quotes\"" "back\\slash" "two\nlines") ; at the end of a line
(print)
(print "")
(print "a;b" ';comment
 sym "(x)")
(print 'symbol-with-many.chars! '+ '-x )
