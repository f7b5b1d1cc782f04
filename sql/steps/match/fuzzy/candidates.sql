-- The records that any block holds, each with all of its blocks in the order of their rules.
SELECT r.*, m."its blocks"
FROM match_records r
JOIN (
  SELECT node, array_sort(array_agg(block)) AS "its blocks"
  FROM (
{members}
  )
  GROUP BY node
) m ON m.node = r.node
