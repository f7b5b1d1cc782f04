-- Which of these namespaces a run was the first to see.
SELECT n.external_system
  FROM {keys} k
  JOIN importer.namespaces n ON n.tenant_id = $1 AND n.external_system = k.{column}
 WHERE n.first_run_id = $2
 ORDER BY n.external_system
