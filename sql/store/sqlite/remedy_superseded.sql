-- Findings about rows that a newer row of their link has taken the place of.
UPDATE dq_violations AS v
   SET status = 'fixed',
       resolution = 'superseded',
       resolved_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       resolved_by = $2,
       resolved_run_id = x.newer_run_id,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       updated_by = $2
  FROM temp.remedy_superseded x
 WHERE v.tenant_id = $1
   AND v.run_id = x.run_id AND v.file_number = x.file_number AND v.line_number = x.line_number
   AND v.status IN ('open', 'suppressed')
