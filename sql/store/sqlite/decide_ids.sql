-- A person's decision about these findings.
UPDATE dq_violations
   SET status = $2,
       resolution = $3,
       resolved_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       resolved_by = $4,
       resolved_run_id = NULL,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       updated_by = $4
 WHERE tenant_id = $1
   AND id IN (SELECT id FROM temp.remedy_ids)
   AND status = 'open'
