-- The rows that suggestions speak of, with their core rows. New people are found from their clusters: of all that a large
-- run created, few are wanted.
WITH mentioned AS (
  SELECT left_seq AS seq FROM dedupe_pairs UNION SELECT right_seq FROM dedupe_pairs WHERE right_seq IS NOT NULL
), told AS (
  SELECT l.sequence_number, l.core_id, l.cluster_id
  FROM mentioned m
  JOIN links l ON l.sequence_number = m.seq
), wanted AS (
  SELECT DISTINCT cluster_id FROM told WHERE core_id IS NULL AND cluster_id IS NOT NULL
), clustered AS (
  SELECT l.cluster_id, l.sequence_number
  FROM wanted w
  JOIN links l ON l.cluster_id = w.cluster_id
), new_cores AS (
  SELECT k.cluster_id, c.core_id
  FROM clustered k
  JOIN created_ids c ON c.lead_sequence_number = k.sequence_number
)
SELECT t.sequence_number AS seq, coalesce(t.core_id, n.core_id) AS core_id, s.link_system, s.link_id, s.checksum
FROM told t
JOIN staged s ON s.sequence_number = t.sequence_number
LEFT JOIN new_cores n ON n.cluster_id = t.cluster_id
