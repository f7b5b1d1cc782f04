-- The clock of the database, not of the transaction.
SELECT clock_timestamp()
