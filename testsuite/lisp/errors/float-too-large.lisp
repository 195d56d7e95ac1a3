(int 1e30)
