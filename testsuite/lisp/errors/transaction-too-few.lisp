(defun f (a) a)
(transaction f)
(run-transactions)
