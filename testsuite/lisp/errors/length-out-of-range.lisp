(make-list -1 0)
