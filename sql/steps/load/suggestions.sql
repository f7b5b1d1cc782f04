-- The suggestions of a run with the core rows they speak of. The natural key makes each of them once: a merge per
-- link, a household per pair of links, a waiting row per contents.
WITH mentioned AS (
  SELECT left_seq AS seq FROM dedupe_pairs UNION SELECT right_seq FROM dedupe_pairs WHERE right_seq IS NOT NULL
), new_cores AS (
  SELECT l.cluster_id, c.core_id
  FROM created_ids c
  JOIN links l ON l.sequence_number = c.lead_sequence_number
), people AS (
  SELECT l.sequence_number AS seq, coalesce(l.core_id, n.core_id) AS core_id, s.link_system, s.link_id, s.checksum
  FROM mentioned m
  JOIN links l ON l.sequence_number = m.seq
  JOIN staged s ON s.sequence_number = m.seq
  LEFT JOIN new_cores n ON n.cluster_id = l.cluster_id
)
SELECT CASE WHEN p.decision = 'auto_resolved' THEN row_checksum('auto', a.link_system, a.link_id, a.core_id)
            WHEN p.match_type = 'household' THEN
              row_checksum('household', least(a.link_system || chr(31) || a.link_id, coalesce(b.link_system || chr(31) || b.link_id, 'core')),
                           greatest(a.link_system || chr(31) || a.link_id, coalesce(b.link_system || chr(31) || b.link_id, 'core')),
                           coalesce(p.core_id, 0))
            ELSE row_checksum('review', p.reason, a.link_system, a.link_id, a.checksum) END AS natural_key,
       a.seq AS sequence_number, a.link_system, a.link_id, a.core_id, coalesce(b.core_id, p.core_id) AS other_core_id,
       p.match_type, p.reason, p.confidence_score, p.matched_key_type, p.decision
FROM dedupe_pairs p
JOIN people a ON a.seq = p.left_seq
LEFT JOIN people b ON b.seq = p.right_seq
