-- The rows behind every shared key, with what the name test needs.
SELECT k.key_type, k.key, k.is_primary, k.unguarded, k.seq, a.given_key, a.family_key, a.born
FROM row_keys k
JOIN shared_keys s ON s.key_type = k.key_type AND s.key = k.key
JOIN active a ON a.seq = k.seq
