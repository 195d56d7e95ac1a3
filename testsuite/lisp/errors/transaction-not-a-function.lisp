(transaction 5)
(run-transactions)
