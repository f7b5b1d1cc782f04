-- What people have decided about two links of which one is a row of this run: the row, the other row of the run, or the core
-- row that has the other link.
SELECT a.seq, CASE WHEN b.seq <> a.seq THEN b.seq END AS other_seq, d.other_core AS core_id, d.same
FROM (
  SELECT one_system, one_id, other_system, other_id, other_core, same FROM pair_decisions
  UNION ALL
  SELECT other_system, other_id, one_system, one_id, one_core, same FROM pair_decisions
) d
JOIN active a ON a.link_system = d.one_system AND a.link_id = d.one_id
LEFT JOIN active b ON b.link_system = d.other_system AND b.link_id = d.other_id
WHERE b.seq IS NOT NULL OR d.other_core IS NOT NULL
