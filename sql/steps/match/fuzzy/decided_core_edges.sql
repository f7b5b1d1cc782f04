-- Edges from rows to core rows, as people have decided. A row with a link of its own keeps that one.
SELECT e.seq, e.core_id, e.match_rank
FROM core_edges e
LEFT ANTI JOIN (SELECT seq, core_id FROM decided WHERE NOT same AND core_id IS NOT NULL) d
  ON d.seq = e.seq AND d.core_id = e.core_id AND e.match_rank > 0
UNION ALL
SELECT d.seq, d.core_id, 0
FROM decided d
LEFT ANTI JOIN link_hits h ON h.seq = d.seq
WHERE d.same AND d.core_id IS NOT NULL
