-- Blocks of one rule by their size.
SELECT records, count(*) AS blocks
FROM (
  SELECT block, count(*) AS records
  FROM (
{keys}
  )
  GROUP BY block
)
GROUP BY records
ORDER BY records
