-- Held until the end of the transaction, together with others of its kind; waits no longer than lock_timeout.
SELECT pg_advisory_xact_lock_shared($1)::text
