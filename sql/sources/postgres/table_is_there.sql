-- Whether a quoted name is a table's.
SELECT pg_catalog.to_regclass($1) IS NOT NULL
