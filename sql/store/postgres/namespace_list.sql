-- All namespaces of a tenant.
SELECT external_system, status, first_run_id, first_seen_at, decided_at, decided_by
  FROM importer.namespaces
 WHERE tenant_id = $1
 ORDER BY external_system
