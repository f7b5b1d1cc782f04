-- Rows of a batch that the rules let pass, by where they come from.
SELECT o.origin_run_id, o.origin_file_number, o.origin_line_number, o.origin_sequence_number
FROM origins o
LEFT ANTI JOIN (SELECT DISTINCT sequence_number
                FROM dq_violations
                WHERE severity = 'error' AND mode = 'enforce' AND sequence_number IS NOT NULL) q
  ON q.sequence_number = o.sequence_number
ORDER BY 1, 2, 3
LIMIT 1000
