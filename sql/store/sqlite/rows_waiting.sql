-- Rows that wait for records of other entities, and can be sent again, by the entity of the rows and the field.
SELECT v.entity, v.field, count(DISTINCT v.run_id || ' ' || v.file_number || ' ' || v.line_number)
  FROM dq_violations v
  JOIN import_runs r ON r.tenant_id = v.tenant_id AND r.id = v.run_id
 WHERE v.tenant_id = $1 AND v.rule_code = $2 AND v.status = 'open' AND v.severity = 'error'
   AND r.status IN ('succeeded', 'partially_failed')
 GROUP BY v.entity, v.field
 ORDER BY v.entity, v.field
