-- All rows behind the changes that were refused because core had moved.
WITH moved AS (
  SELECT l.core_id, l.cluster_id
  FROM links l
  JOIN moved_leads m ON m.lead = l.sequence_number
)
SELECT DISTINCT l.sequence_number
FROM links l
JOIN moved m ON m.core_id = l.core_id
WHERE l.outcome <> 'unchanged'
UNION
SELECT DISTINCT l.sequence_number
FROM links l
JOIN moved m ON m.cluster_id = l.cluster_id
