-- The run's session lock: given back by itself when the connection ends.
SELECT pg_try_advisory_lock($1)
