-- The same, with the part of all records that share a value.
SELECT p.*{frequencies}
FROM {joined}
