-- How many records have each value, the most frequent ones first.
SELECT value, count(*) AS records
FROM ({values})
WHERE value IS NOT NULL
GROUP BY value
ORDER BY records DESC, value
LIMIT {most}
