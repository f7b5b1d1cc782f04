-- What became of every scored pair, and which of them a person gets to know: of all pairs between the same two people, as
-- far as keys and links know them, the one that joined them, or else the likeliest. What a key has judged already is told
-- by that key; who is one person by now needs no suggestion, but for the pairs that made them one: of each row the one that
-- joined it to core or to an earlier row.
WITH ends AS (
  SELECT f.*,
         coalesce(l.core_id, -l.cluster_id, -l.sequence_number) AS one,
         coalesce(f.core_id, r.core_id, -r.cluster_id, -r.sequence_number) AS other
  FROM fuzzy_pairs f
  JOIN links l ON l.sequence_number = f.left_seq
  LEFT JOIN links r ON r.sequence_number = f.right_seq
), judged AS (
  SELECT DISTINCT seq AS left_seq, CAST(NULL AS BIGINT) AS right_seq, core_id
  FROM hits
  WHERE verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family')
  UNION ALL
  SELECT DISTINCT least(left_seq, right_seq), greatest(left_seq, right_seq), CAST(NULL AS BIGINT)
  FROM pairs
  WHERE verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family')
), ranked AS (
  SELECT e.*, j.left_seq IS NOT NULL AS by_key,
         row_number() OVER (
           PARTITION BY least(e.one, e.other), greatest(e.one, e.other),
                        CASE WHEN e.joined AND e.one = e.other THEN coalesce(e.right_seq, e.left_seq) END
           ORDER BY e.joined DESC, e.probability DESC, e.left_seq, e.right_seq, e.other_system, e.other_id, e.pattern
         ) AS nth
  FROM ends e
  LEFT JOIN judged j
    ON j.left_seq = e.left_seq AND coalesce(j.right_seq, 0) = coalesce(e.right_seq, 0) AND coalesce(j.core_id, 0) = coalesce(e.core_id, 0)
)
SELECT left_seq, right_seq, core_id, other_system, other_id, {rule} AS rule, pattern, weight, probability, household_probability{terms},
       evidence, against, joined,
       CASE WHEN nth > 1 OR decided THEN NULL
            WHEN one = other THEN CASE WHEN joined THEN 'auto_merged' END
            WHEN by_key THEN NULL
            WHEN against AND probability < {match_at} THEN NULL
            ELSE 'pending' END AS decision,
       CASE WHEN against THEN 'contradicts' ELSE held END AS reason
FROM ranked
