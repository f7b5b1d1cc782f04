-- External ids that two different people of this run carry: every row of such an id goes to a person.
WITH reused AS (
  SELECT key, min(evidence) AS evidence FROM id_pairs WHERE NOT agrees GROUP BY key
  UNION ALL
  SELECT DISTINCT key, 'given_name' FROM signatures WHERE key_type = 'link' AND key_signatures > $max_key_group
)
SELECT m.seq, min(r.evidence) AS evidence
FROM members m
JOIN reused r ON r.key = m.key
WHERE m.key_type = 'link'
GROUP BY m.seq
