-- Rows whose external id points at a core row whose name contradicts theirs, whatever keys agree: families, couples and
-- successors share keys. Rows that agree with it neither in name nor in any key; whoever has the same given name and birth
-- date, or a part of the family name, has another family name and another address since a marriage. Rows with another given name and the same
-- birth date, where one of their keys stands on another core row with their very name: twins whose ids were mixed up.
WITH tested AS (
  SELECT i.seq, h.core_id,
         person_evidence(i.given_key, i.generation, i.born, h.given_key, h.generation, h.born) AS evidence,
         i.family_key IS NULL OR h.family_key IS NULL OR i.family_key = h.family_key AS family_agrees,
         same_birth(i.born, h.born) OR family_evidence(i.family_text, h.family_text) IN ('spelling', 'part') AS may_marry
  FROM active i
  JOIN link_hits h ON h.seq = i.seq AND NOT h.unchanged
  WHERE NOT i.is_synthetic
), suspects AS (
  SELECT *
  FROM tested
  WHERE NOT family_agrees OR evidence IN ('birth_date', 'generation', 'given_name', 'renamed')
), namesakes AS (
  SELECT DISTINCT seq, core_id FROM hits WHERE evidence = 'equal' AND same_family
), deleted AS (
  -- A delete that names somebody else deletes nobody.
  SELECT i.seq, person_evidence(i.given_key, i.generation, i.born, h.given_key, h.generation, h.born) AS evidence
  FROM incoming i
  JOIN link_hits h ON h.seq = i.seq AND NOT h.unchanged
  WHERE i.is_delete AND NOT i.is_synthetic
)
SELECT s.seq, min(CASE WHEN s.evidence IN ('birth_date', 'generation', 'given_name', 'renamed') THEN s.evidence ELSE 'nothing_agrees' END) AS evidence
FROM suspects s
LEFT JOIN hits k ON k.seq = s.seq AND k.core_id = s.core_id AND (NOT k.weak OR k.same_name)
LEFT JOIN namesakes n ON n.seq = s.seq AND n.core_id <> s.core_id
WHERE (k.seq IS NULL AND NOT (s.evidence = 'equal' AND s.may_marry)) OR s.evidence IN ('birth_date', 'generation', 'given_name') OR (s.evidence = 'renamed' AND n.seq IS NOT NULL)
GROUP BY s.seq
UNION ALL
SELECT seq, min(evidence) AS evidence
FROM deleted
WHERE evidence IN ('birth_date', 'generation', 'given_name')
GROUP BY seq
