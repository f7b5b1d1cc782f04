-- The records that any block holds, each with all of its blocks in the order of their rules.
SELECT r.*, m."its blocks"
FROM (
  SELECT node, array_sort(array_agg(block)) AS "its blocks"
  FROM block_members
  GROUP BY node
) m
JOIN match_records r ON r.node = m.node
