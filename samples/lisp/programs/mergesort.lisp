; mergesort.lisp [numbers] [chunks] [piece] - parallel merge sort of pseudo-random numbers.
;
; First `chunks` transactions make and sort a list of numbers each.  Then each pass merges the lists
; two by two, until one is left.  A merge of two long lists is itself cut into pieces of about
; `piece` numbers, one transaction each, so that the last passes run in parallel, too.
; Prints expected/mergesort.txt.

(setq count (arg 0 150000))
(setq chunks (arg 1 64))
(setq piece (arg 2 2000))

; ---- helpers on lists

; Appends to `to` the merged items [i, i-end) of a and [j, j-end) of b.
(defun merge (to a i i-end b j j-end)
  (while (and (< i i-end) (< j j-end))
    (let ((x (get a i)) (y (get b j)))
      (if (<= x y)
          (progn (append to x) (setq i (+ i 1)))
        (progn (append to y) (setq j (+ j 1))))))
  (while (< i i-end) (append to (get a i)) (setq i (+ i 1)))
  (while (< j j-end) (append to (get b j)) (setq j (+ j 1)))
  to)

(defun sort-range (items from to)
  (if (= (- to from) 1)
      (list (get items from))
    (let ((middle (/ (+ from to) 2)))
      (let ((a (sort-range items from middle)) (b (sort-range items middle to)))
        (merge (list) a 0 (len a) b 0 (len b))))))

; The first index in [from, to) whose item is not less than x.
(defun lower-bound (items from to x)
  (while (< from to)
    (let ((middle (/ (+ from to) 2)))
      (if (< (get items middle) x)
          (setq from (+ middle 1))
        (setq to middle))))
  from)

; ---- transactions: each leaves its result in containers of its own, so they do not conflict

; Makes `size` numbers from the seed, sorts them, and keeps them and their sum.
(defun make-chunk (seed size sorted sum)
  (let ((items (list)) (total 0) (i 0))
    (while (< i size)
      (setq seed (% (+ (* seed 1103515245) 12345) 2147483648))
      (append items (/ seed 64))
      (setq total (+ total (/ seed 64)) i (+ i 1)))
    (set sum total)
    (set sorted (if (< 0 size) (sort-range items 0 size) items))))

(defun merge-piece (result a i i-end b j j-end)
  (set result (merge (list) a i i-end b j j-end)))

; Joins the pieces in the containers of `results` to one list, in the container `joined`.
(defun join (joined results)
  (let ((all (list)) (r 0))
    (while (< r (len results))
      (let ((items (get (get results r))))
        (merge all items 0 (len items) items 0 0))
      (setq r (+ r 1)))
    (set joined all)))

; Queues the pieces of the merge of a and b; gives the containers for their results.
(defun queue-merge (a b)
  (let ((results (list)) (i 0) (j 0))
    (while (or (< i (len a)) (< j (len b)))
      (let ((i-end (+ i (/ piece 2))) (j-end (len b)) (result (container nil)))
        (if (< i-end (len a))
            (setq j-end (lower-bound b j (len b) (get a i-end)))
          (setq i-end (len a)))
        (append results result)
        (transaction merge-piece result a i i-end b j j-end)
        (setq i i-end j j-end)))
    results))

; Checks the order of the items in [from, to), and keeps their sum.
(defun check (items from to sum)
  (let ((total 0) (last (get items (if (= from 0) 0 (- from 1)))))
    (while (< from to)
      (let ((item (get items from)))
        (assert (<= last item))
        (setq total (+ total item) last item from (+ from 1))))
    (set sum total)))

; ---- the program

; A table is a list of containers with a sorted list each.  Gives the table with half the lists.
(defun merge-pass (table)
  (let ((next (list)) (queued (list)) (k 0))
    (while (< (+ k 1) (len table))
      (append queued (queue-merge (get (get table k)) (get (get table (+ k 1)))))
      (append next (container nil))
      (setq k (+ k 2)))
    (if (< k (len table)) (append next (get table k)))
    (run-transactions)
    (setq k 0)
    (while (< k (len queued))
      (transaction join (get next k) (get queued k))
      (setq k (+ k 1)))
    (run-transactions)
    next))

; The sum of what is in the containers.
(defun sum (containers)
  (let ((i 0) (total 0))
    (while (< i (len containers))
      (setq total (+ total (get (get containers i))) i (+ i 1)))
    total))

(setq table (list) sums (list))
(let ((k 0))
  (while (< k chunks)
    (append table (container nil))
    (append sums (container 0))
    (transaction make-chunk (+ (* 7919 k) 42)
                 (- (/ (* count (+ k 1)) chunks) (/ (* count k) chunks))
                 (get table k) (get sums k))
    (setq k (+ k 1))))
(run-transactions)

(while (< 1 (len table))
  (setq table (merge-pass table)))

(let ((sorted (get (get table 0))) (sums-after (list)) (from 0))
  (assert (= (len sorted) count))
  (while (< from count)
    (let ((to (+ from piece)) (result (container 0)))
      (append sums-after result)
      (transaction check sorted from (if (< to count) to count) result)
      (setq from to)))
  (run-transactions)
  (assert (= (sum sums) (sum sums-after)))
  (print count "numbers sorted, sum" (sum sums))
  (print "first, middle, last:" (get sorted 0) (get sorted (/ count 2)) (get sorted (- count 1))))
