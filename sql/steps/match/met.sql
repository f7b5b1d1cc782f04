-- Keys of incoming rows that stand on a core row, with what speaks for and against one person.
SELECT k.seq, k.key_type, k.key, k.is_primary, h.core_id, o.core_id AS own_core,
       k.weak OR c.idle IS NOT NULL AS weak,
       a.link_system AS system, NOT a.is_synthetic AS has_id,
       concat_ws(chr(31), coalesce(a.given_key, ''), coalesce(a.family_key, ''), coalesce(CAST(a.generation AS VARCHAR), ''), coalesce(CAST(a.born AS VARCHAR), ''), a.link_system) AS who,
       person_evidence(a.given_key, a.generation, a.born, h.given_key, h.generation, h.born) AS evidence,
       coalesce(a.family_key = h.family_key, false) AS same_family,
       coalesce(split_part(a.given_key, ' ', 1) = split_part(h.given_key, ' ', 1) AND a.family_key = h.family_key, false) AND a.generation IS NOT DISTINCT FROM h.generation AS same_name,
       same_birth(a.born, h.born) AS same_birth,
       coalesce(a.family_key <> h.family_key, false) AND family_evidence(a.family_text, h.family_text) = 'other' AND o.core_id IS DISTINCT FROM h.core_id AS other_family,
       coalesce({row_mail} <> {core_mail}, false) AS mails_differ
FROM row_keys k
LEFT JOIN key_crowds c ON c.key_hash = k.key_hash AND c.key_type = k.key_type AND c.key = k.key
JOIN key_hits h ON h.key_type = k.key_type AND h.key = k.key
JOIN active a ON a.seq = k.seq
LEFT JOIN link_hits o ON o.seq = k.seq
WHERE NOT k.idle AND NOT coalesce(c.idle, false)
