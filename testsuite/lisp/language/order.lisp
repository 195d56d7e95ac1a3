; a pipeline: each stage queues the next, so the result does not depend on the threads
(setq log (list))
(defun stage (n)
  (append log n)
  (if (< n 20) (transaction stage (+ n 1))))
(transaction stage 0)
(run-transactions)
(print log)
