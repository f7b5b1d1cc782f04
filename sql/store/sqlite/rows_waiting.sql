-- Findings of rows that wait for records of other entities, by the entity of the rows.
SELECT entity, count(*)
  FROM dq_violations
 WHERE tenant_id = $1 AND rule_code = $2 AND status = 'open'
 GROUP BY entity
 ORDER BY entity
