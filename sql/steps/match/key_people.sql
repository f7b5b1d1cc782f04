-- Everybody behind a busy key, in this run and in core, once per different name and birth date.
SELECT key_type, key, key_hash, given_key, family_key, generation, born,
       concat_ws(chr(31), coalesce(given_key, ''), coalesce(family_key, ''), CAST(generation AS VARCHAR), CAST(born AS VARCHAR)) AS who
FROM (
  SELECT k.key_type, k.key, k.key_hash, a.given_key, a.family_key, a.generation, a.born
  FROM row_keys k
  JOIN busy_keys b ON b.key_hash = k.key_hash
  JOIN active a ON a.seq = k.seq
  WHERE k.key_type <> 'link' AND NOT k.idle
  UNION
  SELECT h.key_type, h.key, h.key_hash, h.given_key, h.family_key, h.generation, h.born
  FROM key_hits h
  JOIN busy_keys b ON b.key_hash = h.key_hash
)
