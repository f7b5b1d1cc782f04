-- Rows of one key that cannot be told apart by the name test count once: the pairs below grow with the number of
-- different people behind a key, not with the number of rows.
SELECT key_type, key, is_primary, unguarded, given_key, family_key, born, min(seq) AS rep, count(*) AS row_count,
       count(*) OVER (PARTITION BY key_type, key) AS key_signatures
FROM members
GROUP BY key_type, key, is_primary, unguarded, given_key, family_key, born
