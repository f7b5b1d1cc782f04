-- Ends the connection that holds the session lock of a run whose owner gave no sign of life for too long.
SELECT pg_terminate_backend(pid)
  FROM pg_catalog.pg_locks
 WHERE locktype = 'advisory' AND granted AND objsubid = 1
   AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
   AND (classid::bigint << 32) | objid::bigint = $1
