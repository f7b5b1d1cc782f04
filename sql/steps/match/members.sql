-- The rows behind every shared key, with what the name test needs; `who` finds those that are equal in all of it.
SELECT k.key_type, k.key, k.key_hash, k.is_primary, k.weak, k.extension, k.seq, a.given_key, a.family_key, a.family_text, a.generation, a.born,
       row_hash(a.given_key, a.family_key, a.generation, a.born) AS who,
       a.link_system AS system, NOT a.is_synthetic AS has_id, CASE WHEN NOT a.is_synthetic THEN a.link_id END AS id,
       {row_mail} AS mail
FROM row_keys k
JOIN shared_keys s ON s.key_hash = k.key_hash
JOIN active a ON a.seq = k.seq
WHERE NOT k.idle
