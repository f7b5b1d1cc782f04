-- Every finding about these rows.
SELECT v.id, v.run_id, v.entity, v.sequence_number, v.file_number, v.line_number, v.rule_code, v.field, v.severity,
       v.status, v.message, v.resolution, v.resolved_run_id, v.edited_fields_json, v.edited_payload_json,
       v.original_value
  FROM importer.dq_violations v
  JOIN pg_temp.remedy_places x
    ON x.run_id = v.run_id AND x.file_number = v.file_number AND x.line_number = v.line_number
 WHERE v.tenant_id = $1
 ORDER BY v.id
