-- External ids that two different people of this run carry: every row of such an id goes to a person.
WITH reused AS (
  SELECT DISTINCT p.key
  FROM pairs p
  LEFT ANTI JOIN link_key_pairs l ON l.left_seq = p.left_seq AND l.right_seq = p.right_seq
  WHERE p.key_type = 'link' AND NOT (p.compatible AND p.family_agrees)
)
SELECT DISTINCT m.seq
FROM members m
JOIN reused r ON r.key = m.key
WHERE m.key_type = 'link'
