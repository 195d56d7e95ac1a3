(print
  "text)
