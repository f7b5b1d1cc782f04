-- What the rules said about a row.
SELECT rule_code, severity, mode, field, original_value, normalised_value, message, hint
FROM {dq_violations}
WHERE run_id = $run_id AND sequence_number = $row
ORDER BY rule_code, field
