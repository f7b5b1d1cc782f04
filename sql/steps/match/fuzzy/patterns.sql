-- How often the pairs of each rule answer the comparisons in which way.
SELECT rule, pattern, count(*) AS pairs
FROM (
  SELECT {rule} AS rule, {pattern} AS pattern
  FROM {pairs}
)
GROUP BY rule, pattern
