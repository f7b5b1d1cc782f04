-- Which core row an incoming row reaches. A row with a link of its own reaches only that one.
SELECT h.seq, h.core_id, 0 AS match_rank
FROM link_hits h
JOIN active a ON a.seq = h.seq
LEFT ANTI JOIN reused r ON r.seq = h.seq
UNION ALL
SELECT seq, core_id, min(match_rank) AS match_rank
FROM hits
WHERE match_rank IS NOT NULL AND own_core IS NULL
GROUP BY seq, core_id
