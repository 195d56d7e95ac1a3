(defun f (a if) a)
