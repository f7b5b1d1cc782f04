-- What became of the findings of a row since.
SELECT id, rule_code, field, status, resolution, resolved_by, resolved_at, resolved_run_id
FROM store.dq_violations
WHERE run_id = $run_id AND sequence_number = $row
ORDER BY rule_code, field, id
