-- The rules whose findings were resolved most in the last days, by how.
SELECT rule_code, resolution, count(*)
  FROM dq_violations
 WHERE tenant_id = $1 AND resolved_at >= CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000 - $2 * 86400000000
   AND resolution IN ('remediated', 'requeued')
 GROUP BY rule_code, resolution
 ORDER BY 3 DESC, 1, 2
 LIMIT 20
