; globals, parameters, let; the innermost binding wins
(setq x 1 y 2)
(print x y (setq x 10 y (+ x 1)) x y)
(defun shadow (x) (setq x (+ x 1)) x)
(print (shadow 5) x)
(defun outer (x) (inner))
(defun inner () x)
(print (outer 99))                       ; not the caller's x: the global
(defun set-global () (setq y 'changed))
(set-global)
(print y)
(print (let ((x 2) (y x)) (list x y)))   ; y is the global x
(print (let ((x 2)) (let ((y x) (x 3)) (setq x (+ x 1)) (list x y))) x)
(print (let () 5) (let ((a 1)) (setq a 2) a))
(defun three (a b c) (let ((b (* 10 b))) (setq c (+ a b c)) (list a b c)))
(print (three 1 2 3))
(print (progn 1 2 3) (progn))
