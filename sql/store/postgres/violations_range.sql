-- The numbers that findings have.
SELECT min(id), max(id), count(*)::bigint
  FROM importer.dq_violations
 WHERE tenant_id = $1
