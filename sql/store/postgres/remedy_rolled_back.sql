-- Findings that a run had closed which was taken back since: they are open again.
UPDATE importer.dq_violations AS v
   SET status = 'open',
       resolution = NULL,
       resolved_at = NULL,
       resolved_by = NULL,
       resolved_run_id = NULL,
       updated_at = now()
 WHERE v.tenant_id = $1
   AND v.status = 'fixed'
   AND v.resolved_run_id IN (SELECT r.id FROM importer.import_runs r
                              WHERE r.tenant_id = $1 AND r.status = 'rolled_back')
