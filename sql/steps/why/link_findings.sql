-- Findings of all runs about one external id.
SELECT id, run_id, sequence_number, line_number, rule_code, field, severity, status, resolution, resolved_by, resolved_at, resolved_run_id
FROM store.dq_violations
WHERE entity = $entity AND link_system = $system AND link_id = $id
ORDER BY id
