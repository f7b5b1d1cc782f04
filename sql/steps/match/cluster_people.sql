-- Everybody in a cluster once per different name and birth date; node tells which record they are, so that two
-- versions of one record, or a row and the core row its own link points at, are never held against each other.
WITH people AS (
  SELECT c.cluster_id,
         coalesce(-h.core_id, l.rep, c.seq) AS node,
         a.given_key, a.generation, a.born
  FROM row_clusters c
  JOIN active a ON a.seq = c.seq
  LEFT JOIN link_hits h ON h.seq = c.seq
  LEFT JOIN (
    SELECT m.seq, min(s.rep) AS rep
    FROM members m
    JOIN (SELECT key, min(rep) AS rep FROM signatures WHERE key_type = 'link' GROUP BY key) s ON s.key = m.key
    WHERE m.key_type = 'link'
    GROUP BY m.seq
  ) l ON l.seq = c.seq
  UNION ALL
  SELECT c.cluster_id, -c.core_id AS node, h.given_key, h.generation, h.born
  FROM core_clusters c
  JOIN core_people h ON h.core_id = c.core_id
)
SELECT cluster_id, given_key, generation, born, min(node) AS first_node, max(node) AS last_node,
       count(*) OVER (PARTITION BY cluster_id) AS people
FROM people
GROUP BY cluster_id, given_key, generation, born
