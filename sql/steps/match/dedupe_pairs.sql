-- Suggestions of this run: merges that were resolved at once (one per link, not per sighting), households
-- (one key, two people: never merged) and rows that wait for a person.
SELECT l.sequence_number AS left_seq,
       CASE WHEN l.outcome = 'new' THEN l.cluster_id END AS right_seq,
       l.core_id, l.match_type, CAST(NULL AS VARCHAR) AS matched_key_type,
       'auto_resolved' AS decision, CAST(NULL AS VARCHAR) AS reason, CAST(1.0 AS DOUBLE) AS confidence_score
FROM links l
WHERE (l.outcome = 'matched' OR (l.outcome = 'new' AND l.cluster_rows > 1 AND l.cluster_id <> l.sequence_number))
  AND l.match_type IS NOT NULL
UNION ALL
SELECT p.left_seq, p.right_seq, CAST(NULL AS BIGINT), 'household', min(p.key_type), 'pending', 'same_key_other_person', CAST(NULL AS DOUBLE)
FROM pairs p
WHERE p.key_type <> 'link' AND p.strong AND NOT p.compatible
GROUP BY p.left_seq, p.right_seq
UNION ALL
SELECT h.seq, CAST(NULL AS BIGINT), h.core_id, 'household', min(h.key_type), 'pending', 'same_key_other_person', CAST(NULL AS DOUBLE)
FROM hits h
LEFT ANTI JOIN link_hits o ON o.seq = h.seq
WHERE h.strong AND NOT h.compatible
GROUP BY h.seq, h.core_id
UNION ALL
SELECT l.sequence_number, CAST(NULL AS BIGINT), CAST(NULL AS BIGINT),
       CASE WHEN l.reason = 'id_reused' THEN 'external_id' ELSE coalesce(l.match_type, 'none') END, CAST(NULL AS VARCHAR), 'pending', l.reason, CAST(NULL AS DOUBLE)
FROM links l
WHERE l.outcome = 'review'
