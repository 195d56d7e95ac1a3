(print 12ab)
