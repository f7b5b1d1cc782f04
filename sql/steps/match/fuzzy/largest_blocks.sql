-- The largest blocks of one rule, with the values that their records share, masked.
SELECT s.records{shown}
FROM (
  SELECT block, count(*) AS records
  FROM (
{keys}
  )
  GROUP BY block
  HAVING count(*) > 1
  ORDER BY records DESC, block
  LIMIT {most}
) s
JOIN (
{keys}
) k ON k.block = s.block
GROUP BY s.block, s.records
ORDER BY s.records DESC, s.block
