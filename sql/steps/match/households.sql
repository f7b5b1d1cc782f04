-- Rows that share a key with somebody who is not held to be the same person.
WITH apart AS (
  SELECT p.left_seq, p.right_seq
  FROM pairs p
  LEFT JOIN row_clusters a ON a.seq = p.left_seq
  LEFT JOIN row_clusters b ON b.seq = p.right_seq
  WHERE p.verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family') AND NOT p.one_id
    AND NOT (p.verdict = 'other_family' AND coalesce(a.cluster_id = b.cluster_id, false))
)
SELECT DISTINCT seq
FROM (
  SELECT left_seq AS seq FROM apart
  UNION ALL SELECT right_seq FROM apart
  UNION ALL SELECT seq FROM hits WHERE verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family')
)
