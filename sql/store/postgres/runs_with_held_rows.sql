-- Runs with rows that a requeue may look at.
SELECT DISTINCT run_id
  FROM importer.dq_violations
 WHERE tenant_id = $1
   AND severity = 'error'
   AND status IN ('open', 'suppressed')
   AND ($2::bigint IS NULL OR run_id = $2)
 ORDER BY run_id
