-- The next run id, above everything the lake holds.
UPDATE id_counters
   SET next_id = max(next_id, $1) + 1
 WHERE name = 'import_runs'
RETURNING next_id - 1
