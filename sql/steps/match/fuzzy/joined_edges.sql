-- Edges between rows, with those that a score is sure enough of.
SELECT left_seq, right_seq, match_rank FROM edges
UNION ALL
SELECT j.left_seq, j.right_seq, {rank}
FROM fuzzy_judged j
JOIN fuzzy_fates f ON f.left_node = j.left_node AND f.right_node = j.right_node
WHERE f.joined AND j.right_seq IS NOT NULL
