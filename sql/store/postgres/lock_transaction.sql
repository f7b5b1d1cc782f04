-- Held until the end of the transaction; waits no longer than lock_timeout.
SELECT pg_advisory_xact_lock($1)::text
