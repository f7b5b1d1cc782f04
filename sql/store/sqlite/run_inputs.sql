-- The files that a run has read, from a document.
INSERT INTO run_inputs (tenant_id, run_id, input_number, input_name, content_hash, bytes)
SELECT $1, $2, value ->> 'input_number', value ->> 'input_name', value ->> 'content_hash', value ->> 'bytes'
  FROM json_each($3)
 WHERE true
ON CONFLICT (run_id, input_number, tenant_id) DO UPDATE
   SET input_name = excluded.input_name, content_hash = excluded.content_hash, bytes = excluded.bytes
