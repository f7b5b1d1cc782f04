-- What a cluster may do: reach one core row or make one, unless it holds two people or reaches two core rows. Two people
-- are in it where two of it contradict, or where two that a key did not join hang together by somebody else; another family
-- name behind a telephone number does not count where another value joins the same two. Whom a key
-- without a guard has joined may have any name.
WITH excused AS (
  SELECT c.cluster_id FROM pairs p JOIN row_clusters c ON c.seq = p.left_seq WHERE p.match_rank IS NOT NULL AND NOT p.counts
  UNION
  SELECT c.cluster_id FROM hits h JOIN row_clusters c ON c.seq = h.seq WHERE h.match_rank IS NOT NULL AND NOT h.counts
), encounters AS (
  -- Two people by their names, wherever they meet; somebody may be in several rows.
  SELECT l.cluster_id, p.verdict, p.match_rank,
         least(p.left_who, p.right_who) AS one, greatest(p.left_who, p.right_who) AS other
  FROM pairs p
  JOIN row_clusters l ON l.seq = p.left_seq
  JOIN row_clusters r ON r.seq = p.right_seq AND r.cluster_id = l.cluster_id
  WHERE NOT p.one_id
), torn AS (
  SELECT a.cluster_id
  FROM cluster_people a
  JOIN cluster_people b ON b.cluster_id = a.cluster_id
  LEFT ANTI JOIN excused e ON e.cluster_id = a.cluster_id
  WHERE a.people <= $max_cluster
    AND NOT (a.first_node = a.last_node AND b.first_node = b.last_node AND a.first_node = b.first_node)
    AND person_evidence(a.given_key, a.generation, a.born, b.given_key, b.generation, b.born)
        IN ('birth_date', 'generation', 'given_name')
  UNION
  SELECT cluster_id
  FROM encounters
  WHERE verdict IN ('same_key_other_person', 'two_ids')
  UNION
  SELECT m.cluster_id
  FROM encounters m
  LEFT ANTI JOIN (SELECT DISTINCT cluster_id, one, other FROM encounters WHERE match_rank IS NOT NULL) j
    ON j.cluster_id = m.cluster_id AND j.one = m.one AND j.other = m.other
  WHERE m.verdict = 'other_family'
  UNION
  SELECT l.cluster_id
  FROM hits h
  JOIN row_clusters l ON l.seq = h.seq
  JOIN core_clusters c ON c.core_id = h.core_id AND c.cluster_id = l.cluster_id
  WHERE h.verdict IN ('same_key_other_person', 'two_ids', 'other_family') AND h.own_core IS NULL{torn_by_people}
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
), large AS (
  SELECT cluster_id FROM row_clusters GROUP BY cluster_id HAVING count(*) > $max_cluster
), chains AS (
  -- Rows that repeat another one to the letter are not counted.
  SELECT c.cluster_id
  FROM large l
  JOIN row_clusters c ON c.cluster_id = l.cluster_id
  JOIN active a ON a.seq = c.seq
  GROUP BY c.cluster_id
  HAVING count(DISTINCT row_hash(a.link_system, a.link_id, a.checksum)) > $max_cluster
)
SELECT s.cluster_id, s.row_count, r.core_id,
       CASE WHEN r.cores > 1 THEN 'ambiguous'
            WHEN s.people > $max_cluster OR h.cluster_id IS NOT NULL THEN 'cluster_too_large'
            WHEN t.cluster_id IS NOT NULL THEN 'incompatible_cluster' END AS reason
FROM sizes s
LEFT JOIN reached r ON r.cluster_id = s.cluster_id
LEFT JOIN chains h ON h.cluster_id = s.cluster_id
LEFT JOIN torn t ON t.cluster_id = s.cluster_id
