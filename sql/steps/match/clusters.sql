-- What a cluster may do: reach one core row or make one, unless it holds two people or reaches two core rows.
WITH torn AS (
  SELECT DISTINCT a.cluster_id
  FROM cluster_people a
  JOIN cluster_people b ON b.cluster_id = a.cluster_id
  WHERE a.people <= $max_cluster
    AND NOT (a.first_node = a.last_node AND b.first_node = b.last_node AND a.first_node = b.first_node)
    AND NOT (names_compatible(a.given_key, b.given_key)
             AND (a.born IS NULL OR b.born IS NULL OR a.born = b.born))
), reached AS (
  SELECT cluster_id, count(*) AS cores, min(core_id) AS core_id
  FROM core_clusters
  GROUP BY cluster_id
), sizes AS (
  SELECT c.cluster_id, count(*) AS row_count, max(p.people) AS people
  FROM row_clusters c
  LEFT JOIN (SELECT cluster_id, max(people) AS people FROM cluster_people GROUP BY cluster_id) p
    ON p.cluster_id = c.cluster_id
  GROUP BY c.cluster_id
)
SELECT s.cluster_id, s.row_count, r.core_id,
       CASE WHEN r.cores > 1 THEN 'ambiguous'
            WHEN s.people > $max_cluster THEN 'cluster_too_large'
            WHEN t.cluster_id IS NOT NULL THEN 'incompatible_cluster' END AS reason
FROM sizes s
LEFT JOIN reached r ON r.cluster_id = s.cluster_id
LEFT JOIN torn t ON t.cluster_id = s.cluster_id
