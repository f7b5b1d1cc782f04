
UNION ALL
SELECT row_checksum('fuzzy', least(link, other_link), greatest(link, other_link)) AS natural_key,
       seq AS sequence_number, link_system, link_id, own_core AS core_id, other_core_id,
       'fuzzy' AS match_type, reason, probability AS confidence_score, CAST(NULL AS VARCHAR) AS matched_key_type, evidence,
       decision, right_seq AS other_row, probability AS score, pattern, rule{terms}
FROM (
  SELECT p.*, a.seq, a.link_system, a.link_id, a.core_id AS own_core, coalesce(b.core_id, p.core_id) AS other_core_id,
         coalesce(a.link_system || chr(31) || a.link_id, encode(a.checksum, 'hex')) AS link,
         coalesce(b.link_system || chr(31) || b.link_id, encode(b.checksum, 'hex'),
                  p.other_system || chr(31) || p.other_id) AS other_link
  FROM dedupe_scores p
  JOIN suggestion_people a ON a.seq = p.left_seq
  LEFT JOIN suggestion_people b ON b.seq = p.right_seq
  WHERE p.decision IS NOT NULL
)
