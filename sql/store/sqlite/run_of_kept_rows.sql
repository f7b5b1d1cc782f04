-- The run that begins with rows kept in a folder of the lake.
SELECT id
  FROM import_runs
 WHERE tenant_id = $1 AND json_extract(ingest_params_json, '$.rows.folder') = $2
 LIMIT 1
