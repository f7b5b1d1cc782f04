-- Gives the session lock back before the connection ends.
SELECT pg_advisory_unlock($1)
