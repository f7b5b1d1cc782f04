-- Findings from the temporary table; those written before are left alone.
INSERT INTO importer.dq_violations
       (tenant_id, run_id, entity, sequence_number, file_number, line_number, rule_code, field, severity,
        original_value, normalised_value, message, hint, details_json, link_system, link_id, row_checksum)
SELECT tenant_id, run_id, entity, sequence_number, file_number, line_number, rule_code, field, severity,
       original_value, normalised_value, message, hint, details_json::jsonb, link_system, link_id, row_checksum
  FROM pg_temp.violations_in
 ORDER BY ordinal
ON CONFLICT DO NOTHING
