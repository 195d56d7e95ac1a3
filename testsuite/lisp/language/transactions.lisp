; each adds to the same container: nothing may be lost
(setq c (container 0))
(defun add (n) (set c (+ (get c) n)))
(let ((i 1)) (while (<= i 100) (transaction add i) (setq i (+ i 1))))
(print (get c))                      ; none has run yet
(run-transactions)
(print (get c))
(run-transactions)                   ; nothing is queued
(print (get c))

; transactions that queue transactions: a binary tree of them
(setq leaves (container 0))
(defun split (depth)
  (if (= depth 0)
      (set leaves (+ (get leaves) 1))
    (transaction split (- depth 1))
    (transaction split (- depth 1))))
(transaction split 8)
(run-transactions)
(print (get leaves))

; atomic: between the two writes nobody sees the difference
(setq a (container 1000) b (container 0))
(defun move (n)
  (assert (= (+ (get a) (get b)) 1000))
  (set a (- (get a) n))
  (let ((i 0)) (while (< i 50) (setq i (+ i 1))))
  (set b (+ (get b) n))
  (assert (= (+ (get a) (get b)) 1000)))
(let ((i 0)) (while (< i 200) (transaction move (- (% i 7) 3)) (setq i (+ i 1))))
(run-transactions)
(print (+ (get a) (get b)))

; globals, lists, float and pairs as shared state; arguments of all kinds
(setq total 0 items (list) chain nil mean 0.0)
(defun collect (n l f)
  (setq total (+ total n) chain (cons n chain) mean (+ mean f))
  (append l n))
(let ((i 0)) (while (< i 64) (transaction collect i items 0.25) (setq i (+ i 1))))
(run-transactions)
(defun sum-chain (p s) (if p (sum-chain (cdr p) (+ s (car p))) s))
(defun sum-items (s) (while (< 0 (len items)) (setq s (+ s (pop items)))) s)
(print total (len items) (sum-items 0) (len chain) (sum-chain chain 0) mean)

; a transaction may define functions and leave new objects behind
(defun make () (defun made (x) (* x x)) (setq tree (cons (list 1 2) "text")))
(transaction make)
(run-transactions)
(print (made 12) tree)
