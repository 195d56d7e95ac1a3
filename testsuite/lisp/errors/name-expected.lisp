(defun 5 () 1)
