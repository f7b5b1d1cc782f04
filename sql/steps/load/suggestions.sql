-- The suggestions of a run with the core rows they speak of. The natural key makes each of them once: a merge per
-- link, a household per pair of links, a record merged at its source or a new name per link and core row, a waiting row per contents.
SELECT CASE WHEN p.decision = 'auto_resolved' THEN row_checksum('auto', a.link_system, a.link_id, a.core_id)
            WHEN p.reason = 'merged_at_source' THEN row_checksum('merged', a.link_system, a.link_id, p.core_id)
            WHEN p.reason = 'renamed' THEN
              row_checksum('renamed', least(a.link_system || chr(31) || a.link_id, coalesce(b.link_system || chr(31) || b.link_id, 'core')),
                           greatest(a.link_system || chr(31) || a.link_id, coalesce(b.link_system || chr(31) || b.link_id, 'core')),
                           coalesce(p.core_id, 0))
            WHEN p.match_type = 'household' THEN
              row_checksum('household', least(a.link_system || chr(31) || a.link_id, coalesce(b.link_system || chr(31) || b.link_id, 'core')),
                           greatest(a.link_system || chr(31) || a.link_id, coalesce(b.link_system || chr(31) || b.link_id, 'core')),
                           coalesce(p.core_id, 0))
            ELSE row_checksum('review', p.reason, a.link_system, a.link_id, a.checksum) END AS natural_key,
       a.seq AS sequence_number, a.link_system, a.link_id, a.core_id, coalesce(b.core_id, p.core_id) AS other_core_id,
       p.match_type, p.reason, p.confidence_score, p.matched_key_type, p.evidence, p.decision
FROM dedupe_pairs p
JOIN suggestion_people a ON a.seq = p.left_seq
LEFT JOIN suggestion_people b ON b.seq = p.right_seq
