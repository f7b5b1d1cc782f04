-- Suggestions of this run: merges that were resolved at once (one per link, not per sighting), households
-- (one key, two people: never merged), records that may have been merged at their source, people who are held to have taken another
-- given name because of their birth date, and rows that wait for a person.
-- evidence: what names and birth dates said when it was decided.
SELECT l.sequence_number AS left_seq,
       CASE WHEN l.outcome = 'new' THEN l.cluster_id END AS right_seq,
       l.core_id, l.match_type, CAST(NULL AS VARCHAR) AS matched_key_type,
       'auto_resolved' AS decision, CAST(NULL AS VARCHAR) AS reason, CAST(NULL AS VARCHAR) AS evidence, CAST(1.0 AS DOUBLE) AS confidence_score
FROM links l
WHERE (l.outcome = 'matched' OR (l.outcome = 'new' AND l.cluster_rows > 1 AND l.cluster_id <> l.sequence_number))
  AND l.match_type IS NOT NULL{but_scored}
UNION ALL
SELECT p.left_seq, p.right_seq, CAST(NULL AS BIGINT), 'household', min(p.key_type), 'pending', min(p.verdict), min(p.evidence), CAST(NULL AS DOUBLE)
FROM pairs p
LEFT JOIN row_clusters a ON a.seq = p.left_seq
LEFT JOIN row_clusters b ON b.seq = p.right_seq
WHERE p.verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family') AND NOT p.one_id
  AND NOT (p.verdict = 'other_family' AND coalesce(a.cluster_id = b.cluster_id, false))
GROUP BY p.left_seq, p.right_seq
UNION ALL
SELECT h.seq, CAST(NULL AS BIGINT), h.core_id, 'household', min(h.key_type), 'pending', min(h.verdict), min(h.evidence), CAST(NULL AS DOUBLE)
FROM hits h
WHERE h.verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family') AND h.own_core IS NULL
GROUP BY h.seq, h.core_id
UNION ALL
SELECT h.seq, CAST(NULL AS BIGINT), h.core_id, {match_type}, min(h.key_type), 'pending', 'merged_at_source', min(h.evidence), CAST(NULL AS DOUBLE)
FROM (
  SELECT h.seq, h.core_id, min(h.key_type) AS key_type, min(h.match_rank) AS match_rank, min(h.evidence) AS evidence
  FROM hits h
  JOIN links l ON l.sequence_number = h.seq AND l.outcome = 'linked'
  WHERE h.match_rank IS NOT NULL AND h.own_core IS NOT NULL AND h.core_id <> h.own_core
  GROUP BY h.seq, h.core_id
) h
GROUP BY h.seq, h.core_id, h.match_rank
UNION ALL
SELECT h.seq, CAST(NULL AS BIGINT), h.core_id, {match_type}, min(h.key_type), 'pending', 'renamed', 'renamed', CAST(NULL AS DOUBLE)
FROM (
  SELECT h.seq, h.core_id, min(h.key_type) AS key_type, min(h.match_rank) AS match_rank
  FROM hits h
  JOIN links l ON l.sequence_number = h.seq AND l.outcome = 'matched' AND l.core_id = h.core_id
  WHERE h.evidence = 'renamed' AND h.match_rank IS NOT NULL AND h.counts
  GROUP BY h.seq, h.core_id
) h
GROUP BY h.seq, h.core_id, h.match_rank
UNION ALL
SELECT h.left_seq, h.right_seq, CAST(NULL AS BIGINT), {match_type}, min(h.key_type), 'pending', 'renamed', 'renamed', CAST(NULL AS DOUBLE)
FROM (
  SELECT p.left_seq, p.right_seq, min(p.key_type) AS key_type, min(p.match_rank) AS match_rank
  FROM pairs p
  JOIN links l ON l.sequence_number = p.left_seq AND l.outcome IN ('new', 'matched')
  WHERE p.evidence = 'renamed' AND p.match_rank IS NOT NULL AND p.counts
  GROUP BY p.left_seq, p.right_seq
) h
GROUP BY h.left_seq, h.right_seq, h.match_rank
UNION ALL
SELECT l.sequence_number, CAST(NULL AS BIGINT), k.core_id,
       CASE WHEN l.reason IN ('id_reused', 'similar_id') THEN 'external_id' ELSE coalesce(l.match_type, 'none') END, CAST(NULL AS VARCHAR), 'pending', l.reason, l.evidence, CAST(NULL AS DOUBLE)
FROM links l
LEFT JOIN (
  SELECT n.seq, min(s.core_id) AS core_id
  FROM new_ids n JOIN similar_known s ON s.link_system = n.link_system AND s.link_id = n.link_id
  GROUP BY n.seq
) k ON k.seq = l.sequence_number AND l.reason = 'similar_id'
WHERE l.outcome = 'review'
