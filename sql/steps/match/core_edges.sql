-- Which core row an incoming row reaches. A row with a link of its own reaches only that one.
SELECT h.seq, h.core_id, 0 AS match_rank
FROM link_hits h
JOIN active a ON a.seq = h.seq
LEFT ANTI JOIN reused r ON r.seq = h.seq
UNION ALL
SELECT k.seq, k.core_id, min(k.match_rank) AS match_rank
FROM hits k
LEFT ANTI JOIN link_hits h ON h.seq = k.seq
WHERE k.compatible AND k.strong
GROUP BY k.seq, k.core_id
