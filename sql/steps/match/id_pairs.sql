-- Different people under one external id of this run, two by two: the names must not contradict, and the family name or
-- an e-mail, phone or other key must agree besides, or, with equal given names, the birth date or a part of the family
-- name. Other given names with one birth date are twins as likely as a new name:
-- in one list nothing tells which.
SELECT key, left_seq, right_seq, evidence,
       CASE WHEN evidence IN ('birth_date', 'generation', 'given_name', 'renamed') THEN false
            ELSE family_agrees OR share_key OR (evidence = 'equal' AND may_marry) END AS agrees
FROM (
  SELECT a.key, a.rep AS left_seq, b.rep AS right_seq,
         person_evidence(a.given_key, a.generation, a.born, b.given_key, b.generation, b.born) AS evidence,
         a.family_key IS NULL OR b.family_key IS NULL OR a.family_key = b.family_key AS family_agrees,
         same_birth(a.born, b.born) OR family_evidence(a.family_text, b.family_text) IN ('spelling', 'part') AS may_marry,
         k.left_seq IS NOT NULL AS share_key
  FROM signatures a
  JOIN signatures b ON b.key_type = a.key_type AND b.key = a.key AND b.rep > a.rep
  LEFT JOIN link_key_pairs k ON k.left_seq = a.rep AND k.right_seq = b.rep
  WHERE a.key_type = 'link' AND a.key_signatures <= $max_key_group
)
