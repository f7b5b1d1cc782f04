-- The rules whose findings were resolved most in the last days, by how.
SELECT rule_code, resolution, count(*)::bigint
  FROM importer.dq_violations
 WHERE tenant_id = $1 AND resolved_at >= now() - $2::bigint * interval '1 day'
   AND resolution IN ('remediated', 'requeued')
 GROUP BY rule_code, resolution
 ORDER BY 3 DESC, 1, 2
 LIMIT 20
