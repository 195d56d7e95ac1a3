(defun f (n)
  (+ 1 (f n)))
(transaction f 1)
(run-transactions)
