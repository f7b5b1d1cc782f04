-- The sequence a table's column takes its numbers from.
SELECT pg_get_serial_sequence($1, 'id')
