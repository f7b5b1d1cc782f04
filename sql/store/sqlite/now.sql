-- Microseconds since 1970 UTC, to the millisecond.
SELECT CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
