-- The findings for the store, with the link of their row, the first so many of each rule. A rule that only warns holds no
-- row, so its findings are no errors there. The checksum tells the same row in another place; beside a record that could
-- not be read stands that of its bytes.
SELECT v.sequence_number, v.file_number, v.line_number, v.rule_code,
       CASE WHEN v.severity = 'error' AND v.mode <> 'enforce' THEN 'warn' ELSE v.severity END AS severity,
       v.field, v.original_value, v.normalised_value, v.message, v.hint, s.link_system, s.link_id,
       coalesce(encode(arrow_cast(s.checksum, 'Binary'), 'hex'), r.checksum) AS row_checksum
FROM (
  SELECT *, row_number() OVER (PARTITION BY rule_code ORDER BY file_number, line_number, sequence_number, field) AS place
  FROM dq_violations
) v
LEFT JOIN staged s ON s.sequence_number = v.sequence_number
LEFT JOIN (SELECT file_number, line_number, md5(raw) AS checksum FROM rejects) r
  ON r.file_number = v.file_number AND r.line_number = v.line_number AND v.sequence_number IS NULL
WHERE v.place <= $per_rule
ORDER BY v.rule_code, v.place
