-- How often the pairs of this rule answer the comparisons in which way.
SELECT pattern, count(*) AS pairs
FROM (
  SELECT {pattern} AS pattern
  FROM {pairs}
)
GROUP BY pattern
