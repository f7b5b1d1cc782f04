-- Findings from the temporary table; those written before are left alone.
INSERT INTO dq_violations
       (tenant_id, run_id, entity, sequence_number, file_number, line_number, rule_code, field, severity,
        original_value, normalised_value, message, hint, details_json, link_system, link_id, row_checksum)
SELECT tenant_id, run_id, entity, sequence_number, file_number, line_number, rule_code, field, severity,
       original_value, normalised_value, message, hint, details_json, link_system, link_id, row_checksum
  FROM temp.violations_in
 WHERE true
 ORDER BY ordinal
ON CONFLICT DO NOTHING
