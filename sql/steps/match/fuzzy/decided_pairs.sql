-- Scored pairs that a person has decided about, either way.
SELECT DISTINCT j.left_node, j.right_node
FROM fuzzy_judged j
JOIN decided d
  ON (d.seq = j.left_seq AND (d.other_seq = j.right_seq OR d.core_id = j.core_id)) OR (d.seq = j.right_seq AND d.other_seq = j.left_seq)
