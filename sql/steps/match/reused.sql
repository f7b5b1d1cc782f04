-- Rows whose external id points at a core row whose name contradicts theirs, whatever keys agree: families, couples and
-- successors share keys. And rows that agree with it neither in name nor in any key.
WITH tested AS (
  SELECT i.seq, h.core_id,
         person_evidence(i.given_key, i.generation, i.born, h.given_key, h.generation, h.born) AS evidence,
         i.family_key IS NULL OR h.family_key IS NULL OR i.family_key = h.family_key AS family_agrees
  FROM active i
  JOIN link_hits h ON h.seq = i.seq AND NOT h.unchanged
  WHERE NOT i.is_synthetic
), suspects AS (
  SELECT *
  FROM tested
  WHERE NOT family_agrees OR evidence IN ('birth_date', 'generation', 'given_name', 'renamed')
)
SELECT s.seq, min(CASE WHEN s.evidence IN ('birth_date', 'generation', 'given_name', 'renamed') THEN s.evidence ELSE 'nothing_agrees' END) AS evidence
FROM suspects s
LEFT JOIN hits k ON k.seq = s.seq AND k.core_id = s.core_id AND (NOT k.weak OR k.same_name)
WHERE k.seq IS NULL OR s.evidence IN ('birth_date', 'generation', 'given_name')
GROUP BY s.seq
