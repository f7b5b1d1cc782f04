-- Runs with rows that a requeue may look at: findings that hold, or so many of one rule that the lake has more of them.
SELECT DISTINCT run_id
  FROM (SELECT run_id, rule_code,
               sum(CASE WHEN status IN ('open', 'suppressed') THEN 1 ELSE 0 END) AS holding, count(*) AS stored
          FROM importer.dq_violations
         WHERE tenant_id = $1
           AND severity = 'error'
           AND ($2::bigint IS NULL OR run_id = $2)
         GROUP BY run_id, rule_code) r
 WHERE r.holding > 0 OR r.stored >= $3
 ORDER BY run_id
