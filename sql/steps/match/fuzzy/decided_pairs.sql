-- Scored pairs that a person has decided about, either way. What is decided about two rows is told from both ends.
SELECT DISTINCT left_node, right_node
FROM (
  SELECT j.left_node, j.right_node
  FROM fuzzy_judged j
  JOIN decided d ON d.seq = j.left_seq AND d.other_seq = j.right_seq
  UNION ALL
  SELECT j.left_node, j.right_node
  FROM fuzzy_judged j
  JOIN decided d ON d.seq = j.left_seq AND d.core_id = j.core_id
)
