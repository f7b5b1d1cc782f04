-- One namespace.
SELECT external_system, status, first_run_id, first_seen_at, decided_at, decided_by
  FROM namespaces
 WHERE tenant_id = $1 AND external_system = $2
