(pop (list))
