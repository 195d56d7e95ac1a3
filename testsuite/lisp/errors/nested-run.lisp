(defun f () (run-transactions))
(transaction f)
(run-transactions)
