(get 5)
