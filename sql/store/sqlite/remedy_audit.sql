-- One row of the audit per edited row.
INSERT INTO audit (tenant_id, action, actor, target_type, target_id, run_id, details_json)
SELECT $1, 'ROW_REMEDIATED', $2, 'violation', x.target_id, $3, x.details_json
  FROM temp.remedy_audit x
 WHERE true
 ORDER BY x.ordinal
