-- What became of a record that could not be read.
SELECT id, rule_code, field, status, resolution, resolved_by, resolved_at, resolved_run_id
FROM store.dq_violations
WHERE run_id = $run_id AND sequence_number IS NULL AND file_number = $file AND line_number = $line
ORDER BY rule_code, id
