-- Different people behind one key, two by two. Keys shared by more than $max_key_group different people
-- (a school's switchboard) say nothing about identity and give no pair.
SELECT a.key_type, a.key, a.rep AS left_seq, b.rep AS right_seq,
       CASE WHEN a.is_primary OR b.is_primary THEN a.key_type ELSE 'combined' END AS match_type,
       CASE WHEN NOT (a.is_primary OR b.is_primary) THEN 3 WHEN a.key_type = 'email' THEN 1 ELSE 2 END AS match_rank,
       coalesce(a.unguarded, false)
         OR (names_compatible(a.given_key, b.given_key)
             AND (a.born IS NULL OR b.born IS NULL OR a.born = b.born)) AS compatible,
       coalesce(a.is_primary OR b.is_primary OR a.family_key = b.family_key, false) AS strong,
       a.family_key IS NULL OR b.family_key IS NULL OR a.family_key = b.family_key AS family_agrees
FROM signatures a
JOIN signatures b ON b.key_type = a.key_type AND b.key = a.key AND b.rep > a.rep
WHERE a.key_signatures <= $max_key_group
