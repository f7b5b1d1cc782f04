-- The files of a run, from a document; written again, they are as the last attempt found them.
INSERT INTO run_files
       (tenant_id, run_id, file_number, file_name, dialect, bytes, rows_landed, rows_rejected, rows_blank, rows_repaired)
SELECT $1, $2, value ->> 'file_number', value ->> 'file_name', value ->> 'dialect', value ->> 'bytes',
       value ->> 'rows_landed', value ->> 'rows_rejected', value ->> 'rows_blank', value ->> 'rows_repaired'
  FROM json_each($3)
 WHERE true
ON CONFLICT (run_id, file_number, tenant_id) DO UPDATE
   SET file_name = excluded.file_name, dialect = excluded.dialect, bytes = excluded.bytes,
       rows_landed = excluded.rows_landed, rows_rejected = excluded.rows_rejected,
       rows_blank = excluded.rows_blank, rows_repaired = excluded.rows_repaired
