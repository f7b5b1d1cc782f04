-- The rows of a run, claimed; a row that another run has stays with it.
INSERT INTO importer.row_promotions
       (tenant_id, origin_run_id, origin_file_number, origin_line_number, origin_sequence_number, run_id, sequence_number)
SELECT $1::text, x.run_id, x.file_number, x.line_number, x.sequence_number, $2::bigint, x.own_number
  FROM pg_temp.remedy_rows x
 WHERE true
 ORDER BY x.run_id, x.file_number, x.line_number
ON CONFLICT DO NOTHING
