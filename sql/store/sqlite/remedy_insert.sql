-- Findings that are new, under the run and place of the row's origin. Rows that nobody edited and that the store does
-- not speak of stay in the lake alone.
INSERT INTO dq_violations
       (tenant_id, run_id, entity, sequence_number, file_number, line_number, rule_code, field, severity,
        original_value, normalised_value, message, hint, details_json, link_system, link_id, edited_fields_json,
        edited_payload_json)
SELECT $1, f.run_id, $2, f.sequence_number, f.file_number, f.line_number, f.rule_code, f.field, f.severity,
       f.original_value, f.normalised_value, f.message, f.hint, f.details_json, f.link_system, f.link_id,
       f.fields_json, f.payload_json
  FROM temp.remedy_findings f
 WHERE (f.payload_json IS NOT NULL
        OR EXISTS (SELECT 1 FROM dq_violations v
                    WHERE v.tenant_id = $1 AND v.run_id = f.run_id AND v.file_number = f.file_number
                      AND v.line_number = f.line_number))
   -- Where the row stands under the same rule and field already, it was brought up to date before. It is found by its
   -- place: under its rule there are many.
   AND NOT EXISTS (SELECT 1 FROM dq_violations v INDEXED BY dq_violations_place
                    WHERE v.tenant_id = $1 AND v.run_id = f.run_id AND v.file_number = f.file_number
                      AND v.line_number = f.line_number AND v.rule_code = f.rule_code AND v.field = f.field)
 ORDER BY f.run_id, f.file_number, f.line_number, f.rule_code, f.field
ON CONFLICT DO NOTHING
