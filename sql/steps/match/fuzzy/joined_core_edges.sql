-- Edges from rows to core rows, with those that a score is sure enough of. A row with a link of its own keeps that one.
SELECT seq, core_id, match_rank FROM core_edges
UNION ALL
SELECT j.left_seq, j.core_id, {rank}
FROM fuzzy_judged j
JOIN fuzzy_fates f ON f.left_node = j.left_node AND f.right_node = j.right_node
LEFT ANTI JOIN link_hits h ON h.seq = j.left_seq
WHERE f.joined AND j.core_id IS NOT NULL
