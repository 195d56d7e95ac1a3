; trees.lisp [transactions] [depth] - allocates many binary trees, as in the "binary trees" benchmark.
;
; Each transaction builds a full tree, walks it, and keeps every eighth of them; a tree that is kept
; is checked again at the end.
; Prints expected/trees.txt.

(setq count (arg 0 2400))
(setq depth (arg 1 10))

; A tree of depth 0 is its number; a deeper one is a pair of two trees.
(defun build (depth number)
  (if (= depth 0)
      number
    (cons (build (- depth 1) (* 2 number))
          (build (- depth 1) (+ (* 2 number) 1)))))

(defun leaves (tree)
  (if (pair? tree)
      (+ (leaves (car tree)) (leaves (cdr tree)))
    1))

(defun leaf-sum (tree)
  (if (pair? tree)
      (+ (leaf-sum (car tree)) (leaf-sum (cdr tree)))
    tree))

(defun work (number kept sum)
  (let ((tree (build depth number)))
    (set sum (leaf-sum tree))
    (if (= (% number 8) 0)
        (set kept tree))))

(setq trees (list))
(setq sums (list))

(let ((i 0))
  (while (< i count)
    (let ((kept (container nil)) (sum (container 0)))
      (append trees kept)
      (append sums sum)
      (transaction work i kept sum))
    (setq i (+ i 1))))

(run-transactions)

(let ((i 0) (total 0) (kept-leaves 0) (kept-sum 0))
  (while (< i count)
    (setq total (+ total (get (get sums i))))
    (let ((tree (get (get trees i))))
      (if tree
          (progn
            (assert (= (leaf-sum tree) (get (get sums i))))
            (setq kept-leaves (+ kept-leaves (leaves tree))))))
    (setq i (+ i 1)))
  (print count "trees of depth" depth)
  (print "sum of all leaves:" total)
  (print "leaves kept:" kept-leaves))
