-- The rows of a batch under numbers of their own, with where each was first landed, and its edits.
SELECT CAST(row_number() OVER (ORDER BY h.run_id, h.file_number, h.line_number) AS BIGINT) AS sequence_number,
       h.run_id AS origin_run_id, h.file_number AS origin_file_number, h.line_number AS origin_line_number,
       h.sequence_number AS origin_sequence_number,
       e.manual, e.fields_json, e.payload_json, e.diff_json, e.target_id
FROM held h
LEFT JOIN edits e
  ON e.run_id = h.run_id AND e.file_number = h.file_number AND e.line_number = h.line_number
