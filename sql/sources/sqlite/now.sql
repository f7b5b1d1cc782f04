-- The clock, in seconds since 1970 UTC.
SELECT CAST(strftime('%s', 'now') AS INTEGER)
