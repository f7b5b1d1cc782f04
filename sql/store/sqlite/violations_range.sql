-- The numbers that findings have.
SELECT min(id), max(id), count(*)
  FROM dq_violations
 WHERE tenant_id = $1
