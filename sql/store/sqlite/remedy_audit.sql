-- One row of the audit per edited row, once per run.
INSERT INTO audit (tenant_id, action, actor, target_type, target_id, run_id, details_json)
SELECT $1, 'ROW_REMEDIATED', $2, 'violation', x.target_id, $3, x.details_json
  FROM temp.remedy_audit x
 WHERE NOT EXISTS (SELECT 1 FROM audit a
                    WHERE a.tenant_id = $1 AND a.action = 'ROW_REMEDIATED' AND a.run_id = $3)
 ORDER BY x.ordinal
