-- Findings about rows that a newer row of their link has taken the place of.
UPDATE importer.dq_violations AS v
   SET status = 'fixed',
       resolution = 'superseded',
       resolved_at = now(),
       resolved_by = $2,
       resolved_run_id = x.newer_run_id,
       updated_at = now(),
       updated_by = $2
  FROM pg_temp.remedy_superseded x
 WHERE v.tenant_id = $1
   AND v.run_id = x.run_id AND v.file_number = x.file_number AND v.line_number = x.line_number
   AND v.status IN ('open', 'suppressed')
