-- What holds two rows of this run to be one person: the same key and nothing that speaks against it, or the same external
-- id with an agreeing name or key. Whoever follows ids believes them whatever the names are.
SELECT left_seq, right_seq, match_rank
FROM alike
WHERE match_rank IS NOT NULL
UNION ALL
SELECT left_seq, right_seq, match_rank
FROM pairs
WHERE match_rank IS NOT NULL
UNION ALL
SELECT m.seq AS left_seq, s.rep AS right_seq, 0 AS match_rank
FROM members m
JOIN signatures s
  ON s.key_type = m.key_type AND s.key = m.key AND s.who = m.who
 AND (s.given_key IS NOT DISTINCT FROM m.given_key)
 AND (s.family_key IS NOT DISTINCT FROM m.family_key)
 AND (s.generation IS NOT DISTINCT FROM m.generation)
 AND (s.born IS NOT DISTINCT FROM m.born)
WHERE m.key_type = 'link' AND m.seq <> s.rep
UNION ALL
SELECT left_seq, right_seq, 0 AS match_rank
FROM id_pairs
WHERE agrees
UNION ALL
SELECT rep AS left_seq, first_rep AS right_seq, 0 AS match_rank
FROM (SELECT rep, min(rep) OVER (PARTITION BY key) AS first_rep FROM signatures WHERE key_type = 'link' AND $id_reused = 'follow')
WHERE rep <> first_rep
