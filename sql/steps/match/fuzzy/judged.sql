-- Scored pairs with what speaks against one person, whatever the score: names, generations, birth dates, two ids of one
-- namespace where neither the family name nor the birth date agrees. The row of this run stands on the left, or the first one
-- of two.
SELECT left_node, right_node, left_seq, right_seq, core_id, other_system, other_id, rule, pattern, weight, probability, household_probability{terms}, evidence,
       coalesce(evidence IN ('given_name', 'generation', 'birth_date'), false) OR two_ids AS against
FROM (
  SELECT s.*, l.seq AS left_seq, r.seq AS right_seq, CASE WHEN r.seq IS NULL THEN r.core_id END AS core_id, r.link_system AS other_system, r.link_id AS other_id,
         person_evidence(l.given_key, l.generation, l.born, r.given_key, r.generation, r.born) AS evidence,
         coalesce(l.system = r.system AND l.link_id <> r.link_id, false)
           AND NOT coalesce(l.family_key = r.family_key, false) AND NOT coalesce(l.born = r.born, false) AS two_ids
  FROM fuzzy_scores s
  JOIN fuzzy_people l ON l.node = CASE WHEN s.left_node < 0 THEN s.right_node ELSE s.left_node END
  JOIN fuzzy_people r ON r.node = CASE WHEN s.left_node < 0 THEN s.left_node ELSE s.right_node END
)
