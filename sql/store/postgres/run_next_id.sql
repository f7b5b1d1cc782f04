-- The next run id, above everything the lake holds. The row's lock makes it unique.
UPDATE importer.id_counters
   SET next_id = greatest(next_id, $1) + 1
 WHERE name = 'import_runs'
RETURNING next_id - 1
