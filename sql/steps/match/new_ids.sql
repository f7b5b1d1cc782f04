-- External ids of rows that the store has no link for, and the form that other spellings of the same id have as well.
SELECT i.seq, i.link_system, i.link_id, external_id_form(i.link_id) AS form, i.given_key, i.family_key, i.born
FROM incoming i
LEFT ANTI JOIN link_hits h ON h.seq = i.seq
WHERE NOT i.is_synthetic AND i.link_id IS NOT NULL
