-- Records drawn by their content alone, in an order that says nothing about them: the smallest hashes. Copies count once.
SELECT r.*, s.place AS "in sample"
FROM (
  SELECT node, CAST(row_number() OVER (ORDER BY hash) AS BIGINT) AS place
  FROM (
    SELECT hash, min(node) AS node
    FROM (SELECT node, row_hash($seed, {content}) AS hash FROM match_records)
    GROUP BY hash
    ORDER BY hash
    LIMIT {records}
  )
) s
JOIN match_records r ON r.node = s.node
