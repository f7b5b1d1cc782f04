-- The rows that a batch takes on.
SELECT origin_run_id AS run_id, origin_file_number AS file_number, origin_line_number AS line_number,
       origin_sequence_number AS sequence_number, sequence_number AS own_number, false AS promoted,
       diff_json IS NOT NULL AS edited, fields_json, payload_json
FROM origins
