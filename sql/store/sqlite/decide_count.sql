-- Findings that a decision would be about, by run and rule. An absent filter is NULL.
SELECT v.run_id, v.rule_code, v.severity, v.status, count(*),
       coalesce(sum(CASE WHEN v.sequence_number IS NULL THEN 1 ELSE 0 END), 0)
  FROM dq_violations v
 WHERE v.tenant_id = $1
   AND ($2 IS NULL OR v.rule_code = $2)
   AND ($3 IS NULL OR v.run_id = $3)
   AND ($4 IS NULL OR v.severity = $4)
 GROUP BY v.run_id, v.rule_code, v.severity, v.status
 ORDER BY v.run_id, v.rule_code, v.severity, v.status
