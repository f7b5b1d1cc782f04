-- A person's decision about all open findings that fit. An absent filter is NULL.
UPDATE dq_violations
   SET status = $5,
       resolution = $6,
       resolved_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       resolved_by = $7,
       resolved_run_id = NULL,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       updated_by = $7
 WHERE tenant_id = $1
   AND ($2 IS NULL OR rule_code = $2)
   AND ($3 IS NULL OR run_id = $3)
   AND ($4 IS NULL OR severity = $4)
   AND status = 'open'
   AND ($8 OR sequence_number IS NOT NULL)
