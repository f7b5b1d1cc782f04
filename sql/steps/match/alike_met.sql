-- Rows of one key that bear one name, each with the first of them.
SELECT m.seq AS left_seq, s.rep AS right_seq, m.key_type, m.is_primary,
       m.weak OR m.crowd OR coalesce(m.extension NOT IN (s.first_extension, s.last_extension), false) AS weak,
       'equal' AS evidence,
       m.family_key IS NOT NULL AS same_family,
       m.given_key IS NOT NULL AND m.family_key IS NOT NULL AS same_name,
       same_birth(m.born, m.born) AS same_birth,
       false AS other_family, false AS mails_differ,
       coalesce(m.has_id AND m.id <> s.first_id, false) AS two_ids,
       false AS may_rename
FROM (
  SELECT k.*, c.idle IS NOT NULL AS crowd
  FROM members k
  LEFT JOIN key_crowds c ON c.key_hash = k.key_hash AND c.key_type = k.key_type AND c.key = k.key
  WHERE k.key_type <> 'link' AND NOT coalesce(c.idle, false)
) m
JOIN signatures s
  ON s.key_type = m.key_type AND s.key = m.key AND s.who = m.who AND s.is_primary = m.is_primary
 AND s.system = m.system AND s.has_id = m.has_id
 AND (s.given_key IS NOT DISTINCT FROM m.given_key)
 AND (s.family_key IS NOT DISTINCT FROM m.family_key)
 AND (s.generation IS NOT DISTINCT FROM m.generation)
 AND (s.born IS NOT DISTINCT FROM m.born)
WHERE m.seq <> s.rep
