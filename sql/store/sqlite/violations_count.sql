-- Findings of a run by rule and status.
SELECT rule_code, severity, status, count(*)
  FROM dq_violations
 WHERE tenant_id = $1 AND run_id = $2
 GROUP BY rule_code, severity, status
 ORDER BY rule_code, severity, status
