; conflict.lisp [transactions] [percent] [work] - transactions that meet on purpose.
;
; Each transaction counts to `work` in a container.  Of a hundred transactions `percent` use the one
; that all share, the others one of their own; so `percent` says how often two of them conflict.
; What all count together does not depend on it.
; Prints expected/conflict.txt.

(setq count (arg 0 800))
(setq percent (arg 1 10))
(setq work (arg 2 20000))

(setq shared (container 0))

(defun count-up (counter)
  (let ((i 0))
    (while (< i work)
      (set counter (+ (get counter) 1))
      (setq i (+ i 1)))))

(setq counters (list))

; 37 and 100 have no common divisor: the transactions that share are spread evenly.
(let ((i 0))
  (while (< i count)
    (if (< (% (* i 37) 100) percent)
        (transaction count-up shared)
      (let ((counter (container 0)))
        (append counters counter)
        (transaction count-up counter)))
    (setq i (+ i 1))))

(run-transactions)

(let ((i 0) (total (get shared)))
  (while (< i (len counters))
    (assert (= (get (get counters i)) work))
    (setq total (+ total (get (get counters i))) i (+ i 1)))
  (assert (= total (* count work)))
  (print count "transactions," (- count (len counters)) "on the shared container, counted to" total))
