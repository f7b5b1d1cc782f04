-- Keys of incoming rows that stand on a core row, with the name test.
-- compatible: given names agree (or one is missing, an initial, a prefix, a nickname) and birth dates do not differ.
-- strong: the row's primary key hit, or it is an alternate one and the family names agree as well (match type combined).
SELECT k.seq,
       k.key_type,
       k.key,
       h.core_id,
       CASE WHEN k.is_primary THEN k.key_type ELSE 'combined' END AS match_type,
       CASE WHEN NOT k.is_primary THEN 3 WHEN k.key_type = 'email' THEN 1 ELSE 2 END AS match_rank,
       coalesce(k.unguarded, false)
         OR (names_compatible(a.given_key, h.given_key)
             AND (a.born IS NULL OR h.born IS NULL OR a.born = h.born)) AS compatible,
       coalesce(k.is_primary OR a.family_key = h.family_key, false) AS strong
FROM row_keys k
JOIN key_hits h ON h.key_type = k.key_type AND h.key = k.key
JOIN active a ON a.seq = k.seq
