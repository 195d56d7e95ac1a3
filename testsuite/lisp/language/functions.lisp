(defun fib (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(print (fib 20))
(print fib (defun g () 1))
; functions are values
(defun twice (f x) (f (f x)))
(defun add-three (n) (+ n 3))
(print (twice add-three 1))
(setq alias add-three)
(print (alias 1))
; redefinition
(defun add-three (n) (+ 300 n))
(print (add-three 1) (alias 1))
; mutual recursion in tail position needs no stack
(defun even (n) (if (= n 0) t (odd (- n 1))))
(defun odd (n) (cond ((= n 0) nil) (t (even (- n 1)))))
(print (even 100000))
(defun count-down (n) (let ((m (- n 1))) (progn (and t (or nil (if (= m 0) 'done (count-down m)))))))
(print (count-down 100000))
; deep recursion, within the limit
(defun deep (n) (if (= n 0) 0 (+ 1 (deep (- n 1)))))
(print (deep 9000))
; several expressions in a body
(defun body (n) (setq n (+ n 1)) (setq n (* n 2)) n)
(print (body 3))
(defun many (a b c d e f) (list f e d c b a))
(print (many 1 2 3 4 5 6))
