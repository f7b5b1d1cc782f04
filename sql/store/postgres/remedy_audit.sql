-- One row of the audit per edited row.
INSERT INTO importer.audit (tenant_id, action, actor, target_type, target_id, run_id, details_json)
SELECT $1::text, 'ROW_REMEDIATED', $2::text, 'violation', x.target_id, $3::bigint, x.details_json::jsonb
  FROM pg_temp.remedy_audit x
 WHERE true
 ORDER BY x.ordinal
