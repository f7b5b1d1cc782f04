-- These findings.
SELECT v.id, v.run_id, v.entity, v.sequence_number, v.file_number, v.line_number, v.rule_code, v.field, v.severity,
       v.status, v.message, v.resolution, v.resolved_run_id, v.edited_fields_json, v.edited_payload_json,
       v.original_value
  FROM dq_violations v
  JOIN temp.remedy_ids x ON x.id = v.id
 WHERE v.tenant_id = $1
 ORDER BY v.id
