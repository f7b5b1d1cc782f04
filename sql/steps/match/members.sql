-- The rows behind every shared key, with what the name test needs.
SELECT k.key_type, k.key, k.is_primary, k.unguarded, k.seq, a.given_key, a.family_key, a.born
FROM row_keys k
JOIN shared_keys s ON s.key_hash = k.key_hash
JOIN active a ON a.seq = k.seq
