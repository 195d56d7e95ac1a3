; sqrt.lisp [numbers] [chunk] - square roots by Newton's method, on floats.
;
; Each transaction takes the roots of `chunk` numbers and adds them up in a container of its own.
; Prints expected/sqrt.txt.

(setq count (arg 0 400000))
(setq chunk (arg 1 1000))

(defun square-root (x)
  (let ((guess x) (next (/ (+ x 1.0) 2.0)))
    (while (< next guess)
      (setq guess next)
      (setq next (/ (+ guess (/ x guess)) 2.0)))
    guess))

(defun work (from to result)
  (let ((sum 0.0))
    (while (< from to)
      (setq sum (+ sum (square-root (float from))) from (+ from 1)))
    (set result sum)))

(setq results (list))

(let ((from 1))
  (while (<= from count)
    (let ((to (+ from chunk)) (result (container 0.0)))
      (if (> to (+ count 1)) (setq to (+ count 1)))
      (append results result)
      (transaction work from to result)
      (setq from to))))

(run-transactions)

(let ((i 0) (total 0.0))
  (while (< i (len results))
    (setq total (+ total (get (get results i))) i (+ i 1)))
  (print "sum of the square roots of 1 to" count "is" (/ (int (* total 1000.0)) 1000.0)))
