(defun f () (missing 1))

(f)
