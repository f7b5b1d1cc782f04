-- Two signatures of one external id that share a key which says enough by itself: what differs may be a correction.
WITH link_keys AS (
  SELECT DISTINCT m.key AS link, s.rep, k.key_type, k.key, k.extension
  FROM members m
  JOIN signatures s
    ON s.key_type = 'link' AND s.key = m.key AND s.who = m.who
   AND (s.given_key IS NOT DISTINCT FROM m.given_key)
   AND (s.family_key IS NOT DISTINCT FROM m.family_key)
   AND (s.generation IS NOT DISTINCT FROM m.generation)
   AND (s.born IS NOT DISTINCT FROM m.born)
  JOIN row_keys k ON k.seq = m.seq AND k.key_type <> 'link' AND NOT k.idle AND NOT k.weak
  LEFT ANTI JOIN key_crowds c ON c.key_hash = k.key_hash AND c.key_type = k.key_type AND c.key = k.key
  WHERE m.key_type = 'link'
)
SELECT DISTINCT a.rep AS left_seq, b.rep AS right_seq
FROM link_keys a
JOIN link_keys b ON b.link = a.link AND b.key_type = a.key_type AND b.key = a.key AND b.rep > a.rep
WHERE NOT coalesce(a.extension <> b.extension, false)
