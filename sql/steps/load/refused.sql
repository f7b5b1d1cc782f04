-- The rows behind the changes that the target tables did not take, all members of their clusters included: one record is
-- written whole or not at all.
WITH leads AS (
  SELECT m.rule_code, m.field, m.message, m.hint, l.core_id, l.cluster_id
  FROM refused_leads m
  JOIN links l ON l.sequence_number = m.lead
)
SELECT l.sequence_number, m.rule_code, 'error' AS severity, 'enforce' AS mode, m.field,
       CAST(NULL AS VARCHAR) AS value, m.message, m.hint
FROM links l
JOIN leads m ON m.core_id = l.core_id
WHERE l.outcome <> 'unchanged'
UNION
SELECT l.sequence_number, m.rule_code, 'error', 'enforce', m.field, CAST(NULL AS VARCHAR), m.message, m.hint
FROM links l
JOIN leads m ON m.cluster_id = l.cluster_id
