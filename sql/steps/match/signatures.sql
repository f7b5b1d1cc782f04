-- Rows of one key that cannot be told apart by the name test count once: the pairs below grow with the number of
-- different people behind a key, not with the number of rows or of their extensions. Of the spellings of a family name
-- the longest one shows where its words end.
SELECT key_type, key, key_hash, is_primary, weak, given_key, family_key, generation, born, who, system, has_id,
       min(seq) AS rep, min(id) AS first_id, max(id) AS last_id,
       first_value(family_text ORDER BY length(family_text) DESC NULLS LAST, family_text) AS family_text,
       min(extension) AS first_extension, max(extension) AS last_extension, min(mail) AS first_mail, max(mail) AS last_mail,
       count(*) OVER (PARTITION BY key_type, key) AS key_signatures
FROM members
GROUP BY key_type, key, key_hash, is_primary, weak, given_key, family_key, generation, born, who, system, has_id
