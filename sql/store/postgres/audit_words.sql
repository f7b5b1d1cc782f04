-- The words that were ever used: actions, actors and targets of the audit.
SELECT DISTINCT action, actor, target_type
  FROM importer.audit
 WHERE tenant_id = $1
 ORDER BY action, actor, target_type
 LIMIT 1000
