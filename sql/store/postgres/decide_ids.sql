-- A person's decision about these findings.
UPDATE importer.dq_violations
   SET status = $2,
       resolution = $3,
       resolved_at = now(),
       resolved_by = $4,
       resolved_run_id = NULL,
       updated_at = now(),
       updated_by = $4
 WHERE tenant_id = $1
   AND id IN (SELECT id FROM pg_temp.remedy_ids)
   AND status = 'open'
