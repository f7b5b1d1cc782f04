-- The findings for the store, with the link of their row, the first so many of each rule.
SELECT v.*, s.link_system, s.link_id
FROM (
  SELECT *, row_number() OVER (PARTITION BY rule_code ORDER BY file_number, line_number, sequence_number, field) AS place
  FROM dq_violations
) v
LEFT JOIN staged s ON s.sequence_number = v.sequence_number
WHERE v.place <= $per_rule
ORDER BY v.rule_code, v.place
