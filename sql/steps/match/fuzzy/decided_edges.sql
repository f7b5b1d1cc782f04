-- Edges between rows, as people have decided: two that are different are not joined, two that are the same are.
SELECT e.left_seq, e.right_seq, e.match_rank
FROM edges e
LEFT ANTI JOIN (SELECT seq, other_seq FROM decided WHERE NOT same AND other_seq IS NOT NULL) d
  ON d.seq = e.left_seq AND d.other_seq = e.right_seq
UNION ALL
SELECT seq, other_seq, 0 FROM decided WHERE same AND other_seq IS NOT NULL AND seq < other_seq
