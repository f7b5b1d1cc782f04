-- The files that a run has read, from a document.
INSERT INTO importer.run_inputs (tenant_id, run_id, input_number, input_name, content_hash, bytes)
SELECT $1, $2, i.input_number, i.input_name, i.content_hash, i.bytes
  FROM jsonb_to_recordset($3::jsonb) AS i(input_number bigint, input_name text, content_hash text, bytes bigint)
ON CONFLICT (run_id, input_number, tenant_id) DO UPDATE
   SET input_name = excluded.input_name, content_hash = excluded.content_hash, bytes = excluded.bytes
