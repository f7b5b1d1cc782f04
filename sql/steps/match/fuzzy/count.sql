-- Pairs that each rule is the first to find.
SELECT rule, count(*) AS pairs
FROM (
  SELECT {rule} AS rule
  FROM {pairs}
)
GROUP BY rule
