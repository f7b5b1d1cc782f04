-- The suggestions of a run with the core rows they speak of. The natural key makes each of them once: a merge per
-- link, a household per pair of links, a record merged at its source per link and core row, a new name per pair of links, a waiting row per contents.
-- Of several rows of two people, the first ones stand for a household; rows that another key made one person are none.
WITH told AS (
  SELECT p.*, a.seq, a.link_system, a.link_id, a.checksum, a.core_id AS own_core, coalesce(b.core_id, p.core_id) AS other_core_id,
         b.link_system AS other_system, b.link_id AS other_id,
         coalesce(a.core_id, -a.seq) AS one, coalesce(b.core_id, p.core_id, -b.seq) AS other
  FROM dedupe_pairs p
  JOIN suggestion_people a ON a.seq = p.left_seq
  LEFT JOIN suggestion_people b ON b.seq = p.right_seq{but_scored}
)
SELECT CASE WHEN decision = 'auto_resolved' THEN row_checksum('auto', link_system, link_id, own_core)
            WHEN reason = 'merged_at_source' THEN row_checksum('merged', link_system, link_id, core_id)
            WHEN reason = 'renamed' THEN
              row_checksum('renamed', least(link_system || chr(31) || link_id, coalesce(other_system || chr(31) || other_id, 'core')),
                           greatest(link_system || chr(31) || link_id, coalesce(other_system || chr(31) || other_id, 'core')),
                           coalesce(core_id, 0))
            ELSE row_checksum('review', reason, link_system, link_id, checksum) END AS natural_key,
       seq AS sequence_number, link_system, link_id, own_core AS core_id, other_core_id,
       match_type, reason, confidence_score, matched_key_type, evidence, decision, CAST(NULL AS BIGINT) AS other_row
FROM told
WHERE match_type IS DISTINCT FROM 'household'
UNION ALL
SELECT row_checksum('household', least(link_system || chr(31) || link_id, coalesce(other_system || chr(31) || other_id, 'core')),
                    greatest(link_system || chr(31) || link_id, coalesce(other_system || chr(31) || other_id, 'core')),
                    coalesce(core_id, 0)) AS natural_key,
       seq AS sequence_number, link_system, link_id, own_core AS core_id, other_core_id,
       match_type, reason, confidence_score, matched_key_type, evidence, decision, right_seq AS other_row
FROM (
  SELECT *, row_number() OVER (PARTITION BY reason, least(one, other), greatest(one, other) ORDER BY left_seq, right_seq) AS nth
  FROM told
  WHERE match_type = 'household' AND one <> other
)
WHERE nth = 1
