-- New ids of this run that differ from each other by their spelling only, two by two. The same person may stand under both
-- where neither given nor family names tell them apart and nothing else makes them one; else they are two people.
-- Of more than $max_key_group under one form nobody can say what they mean.
WITH people AS (
  SELECT n.link_system, n.form, n.link_id, n.given_key, n.family_key, n.born, min(n.seq) AS seq,
         count(*) OVER (PARTITION BY n.link_system, n.form) AS form_people
  FROM new_ids n
  JOIN similar_forms f ON f.form_hash = row_hash(n.link_system, n.form)
  GROUP BY n.link_system, n.form, n.link_id, n.given_key, n.family_key, n.born
)
SELECT a.link_system, a.link_id AS left_id, b.link_id AS right_id, min(least(a.seq, b.seq)) AS seq,
       bool_or(names_compatible(a.given_key, b.given_key)
               AND (a.family_key IS NULL OR b.family_key IS NULL OR a.family_key = b.family_key)
               AND (a.born IS NULL OR b.born IS NULL OR a.born = b.born)
               AND coalesce(x.cluster_id, a.seq) <> coalesce(y.cluster_id, b.seq)) AS one_person
FROM people a
JOIN people b ON b.link_system = a.link_system AND b.form = a.form AND b.link_id > a.link_id
LEFT JOIN row_clusters x ON x.seq = a.seq
LEFT JOIN row_clusters y ON y.seq = b.seq
WHERE a.form_people <= $max_key_group AND external_ids_alike(a.link_id, b.link_id)
GROUP BY a.link_system, a.link_id, b.link_id
