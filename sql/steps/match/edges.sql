-- What holds two rows of this run to be one person: the same key and the name test, or the same external id
-- with an agreeing name or key.
SELECT m.seq AS left_seq, s.rep AS right_seq,
       CASE WHEN m.key_type = 'link' THEN 0 WHEN NOT m.is_primary THEN 3 WHEN m.key_type = 'email' THEN 1 ELSE 2 END AS match_rank
FROM members m
JOIN signatures s
  ON s.key_type = m.key_type AND s.key = m.key AND s.is_primary = m.is_primary
 AND (s.given_key IS NOT DISTINCT FROM m.given_key)
 AND (s.family_key IS NOT DISTINCT FROM m.family_key)
 AND (s.born IS NOT DISTINCT FROM m.born)
WHERE m.seq <> s.rep AND (m.is_primary OR m.family_key IS NOT NULL)
UNION ALL
SELECT p.left_seq, p.right_seq, p.match_rank
FROM pairs p
WHERE p.key_type <> 'link' AND p.compatible AND p.strong
UNION ALL
SELECT p.left_seq, p.right_seq, 0 AS match_rank
FROM pairs p
WHERE p.key_type = 'link' AND p.compatible AND p.family_agrees
UNION ALL
SELECT left_seq, right_seq, 0 AS match_rank
FROM link_key_pairs
