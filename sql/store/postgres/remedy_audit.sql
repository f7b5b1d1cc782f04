-- One row of the audit per edited row, once per run.
INSERT INTO importer.audit (tenant_id, action, actor, target_type, target_id, run_id, details_json)
SELECT $1::text, 'ROW_REMEDIATED', $2::text, 'violation', x.target_id, $3::bigint, x.details_json::jsonb
  FROM pg_temp.remedy_audit x
 WHERE NOT EXISTS (SELECT 1 FROM importer.audit a
                    WHERE a.tenant_id = $1 AND a.action = 'ROW_REMEDIATED' AND a.run_id = $3::bigint)
 ORDER BY x.ordinal
