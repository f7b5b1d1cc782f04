-- How strangers answer the comparisons: each record of the sample beside the next ones.
SELECT pattern, count(*) AS pairs
FROM (
  SELECT {pattern} AS pattern
  FROM (SELECT *, unnest(range(1, {neighbours} + 1)) AS "the next" FROM sample) a
  JOIN sample b ON b."in sample" = a."in sample" + a."the next"
)
GROUP BY pattern
