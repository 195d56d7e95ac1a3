; nqueens.lisp [n] - in how many ways can n queens stand on an n by n board?
;
; One transaction for each placement of the first two queens; each counts into a container of its
; own.  Known answers for n = 4, 5, ...: 2 10 4 40 92 352 724 2680 14200.
; Prints expected/nqueens.txt.

(setq n (arg 0 11))

; Can a queen stand in `column` of the next row?  `queens` holds the columns of the rows above,
; the nearest first.
(defun safe (column queens)
  (let ((distance 1) (ok t))
    (while queens
      (let ((other (car queens)))
        (if (or (= other column)
                (= other (- column distance))
                (= other (+ column distance)))
            (setq ok nil queens nil)
          (setq queens (cdr queens) distance (+ distance 1)))))
    ok))

(defun count-below (row queens)
  (if (= row n)
      1
    (let ((column 0) (count 0))
      (while (< column n)
        (if (safe column queens)
            (setq count (+ count (count-below (+ row 1) (cons column queens)))))
        (setq column (+ column 1)))
      count)))

(defun solve (queens result)
  (set result (count-below 2 queens)))

(setq results (list))

(let ((first 0))
  (while (< first n)
    (let ((second 0))
      (while (< second n)
        (if (safe second (cons first nil))
            (let ((result (container 0)))
              (append results result)
              (transaction solve (cons second (cons first nil)) result)))
        (setq second (+ second 1))))
    (setq first (+ first 1))))

(run-transactions)

(let ((i 0) (total 0))
  (while (< i (len results))
    (setq total (+ total (get (get results i))) i (+ i 1)))
  (print n "queens:" total "solutions in" (len results) "transactions"))
