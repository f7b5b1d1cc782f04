-- Which rules the findings of a tenant name, the most frequent first.
SELECT rule_code, count(*)::bigint
  FROM importer.dq_violations
 WHERE tenant_id = $1
 GROUP BY rule_code
 ORDER BY 2 DESC, 1
 LIMIT 50
