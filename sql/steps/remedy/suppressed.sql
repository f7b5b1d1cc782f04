-- The findings of a batch; what a person suppressed holds nothing back.
SELECT f.sequence_number, f.rule_code, f.severity,
       CASE WHEN s.rule_code IS NULL THEN f.mode ELSE 'suppressed' END AS mode,
       f.field, f.value, f.message, f.hint
FROM (
{failed}
) f
LEFT JOIN suppressed s
  ON s.sequence_number = f.sequence_number AND s.rule_code = f.rule_code AND s.field = coalesce(f.field, '')
