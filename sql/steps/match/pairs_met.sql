-- Different people behind one key, two by two. Keys of more than $max_key_group different names (a school's switchboard)
-- say nothing about identity and give no pair; behind a telephone number, two extensions make a weak key. In one list, two
-- rows with other given names are two people even where birth dates are equal: twins.
SELECT a.key_type, a.key, a.rep AS left_seq, b.rep AS right_seq, a.is_primary OR b.is_primary AS is_primary,
       a.weak OR a.crowd OR coalesce(a.first_extension NOT IN (b.first_extension, b.last_extension) AND a.last_extension NOT IN (b.first_extension, b.last_extension), false) AS weak,
       concat_ws(chr(31), coalesce(a.given_key, ''), coalesce(a.family_key, ''), coalesce(CAST(a.generation AS VARCHAR), ''), coalesce(CAST(a.born AS VARCHAR), ''), a.system) AS left_who,
       concat_ws(chr(31), coalesce(b.given_key, ''), coalesce(b.family_key, ''), coalesce(CAST(b.generation AS VARCHAR), ''), coalesce(CAST(b.born AS VARCHAR), ''), b.system) AS right_who,
       person_evidence(a.given_key, a.generation, a.born, b.given_key, b.generation, b.born) AS evidence,
       coalesce(a.family_key = b.family_key, false) AS same_family,
       coalesce(split_part(a.given_key, ' ', 1) = split_part(b.given_key, ' ', 1) AND a.family_key = b.family_key, false) AND a.generation IS NOT DISTINCT FROM b.generation AS same_name,
       same_birth(a.born, b.born) AS same_birth,
       coalesce(a.family_key <> b.family_key, false) AND family_evidence(a.family_text, b.family_text) = 'other' AS other_family,
       coalesce(a.first_mail NOT IN (b.first_mail, b.last_mail) AND a.last_mail NOT IN (b.first_mail, b.last_mail), false) AS mails_differ,
       a.has_id AND b.has_id AND a.system = b.system
         AND NOT (a.first_id = a.last_id AND b.first_id = b.last_id AND a.first_id = b.first_id) AS two_ids,
       a.has_id AND b.has_id AND a.system = b.system
         AND a.first_id = a.last_id AND b.first_id = b.last_id AND a.first_id = b.first_id AS one_id,
       a.system <> b.system AS may_rename
FROM (
  SELECT s.*, c.idle IS NOT NULL AS crowd
  FROM signatures s
  LEFT JOIN key_crowds c ON c.key_hash = s.key_hash AND c.key_type = s.key_type AND c.key = s.key
  WHERE s.key_type <> 'link' AND NOT coalesce(c.idle, false)
) a
JOIN signatures b ON b.key_type = a.key_type AND b.key = a.key AND b.rep > a.rep
