-- The clock, in microseconds since 1970 UTC.
SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::bigint
