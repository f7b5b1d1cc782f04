-- Findings that a run had closed which was taken back since: they are open again.
UPDATE dq_violations AS v
   SET status = 'open',
       resolution = NULL,
       resolved_at = NULL,
       resolved_by = NULL,
       resolved_run_id = NULL,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE v.tenant_id = $1
   AND v.status = 'fixed'
   AND v.resolved_run_id IN (SELECT r.id FROM import_runs r
                              WHERE r.tenant_id = $1 AND r.status = 'rolled_back')
