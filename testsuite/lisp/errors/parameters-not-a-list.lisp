(defun f x 1)
