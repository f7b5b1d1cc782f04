-- The files of a run, from a document; written again, they are as the last attempt found them.
INSERT INTO importer.run_files
       (tenant_id, run_id, file_number, file_name, dialect, bytes, rows_landed, rows_rejected, rows_blank, rows_repaired)
SELECT $1, $2, f.file_number, f.file_name, f.dialect, f.bytes, f.rows_landed, f.rows_rejected, f.rows_blank, f.rows_repaired
  FROM jsonb_to_recordset($3::jsonb) AS f(file_number bigint, file_name text, dialect text, bytes bigint, rows_landed bigint,
                                          rows_rejected bigint, rows_blank bigint, rows_repaired bigint)
ON CONFLICT (run_id, file_number, tenant_id) DO UPDATE
   SET file_name = excluded.file_name, dialect = excluded.dialect, bytes = excluded.bytes,
       rows_landed = excluded.rows_landed, rows_rejected = excluded.rows_rejected,
       rows_blank = excluded.rows_blank, rows_repaired = excluded.rows_repaired
