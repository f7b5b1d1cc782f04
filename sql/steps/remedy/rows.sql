-- The rows of a batch, and which of them left quarantine.
SELECT o.origin_run_id AS run_id, o.origin_file_number AS file_number, o.origin_line_number AS line_number,
       o.origin_sequence_number AS sequence_number, o.sequence_number AS own_number,
       q.sequence_number IS NULL AS promoted, o.diff_json IS NOT NULL AS edited, o.fields_json, o.payload_json
FROM origins o
LEFT JOIN (SELECT DISTINCT sequence_number
           FROM dq_violations
           WHERE severity = 'error' AND mode = 'enforce' AND sequence_number IS NOT NULL) q
  ON q.sequence_number = o.sequence_number
