-- What became of every edited row, for the audit.
SELECT o.target_id, o.diff_json, o.origin_run_id, o.origin_file_number, o.origin_line_number, o.origin_sequence_number,
       CASE WHEN q.sequence_number IS NOT NULL THEN 'held' WHEN l.outcome = 'review' THEN 'review' ELSE 'fixed' END AS outcome,
       q.rules
FROM origins o
LEFT JOIN (SELECT sequence_number, string_agg(DISTINCT rule_code, ',') AS rules
           FROM dq_violations
           WHERE severity = 'error' AND mode = 'enforce' AND sequence_number IS NOT NULL
           GROUP BY sequence_number) q
  ON q.sequence_number = o.sequence_number
LEFT JOIN links l ON l.sequence_number = o.sequence_number
WHERE o.diff_json IS NOT NULL
ORDER BY o.sequence_number
