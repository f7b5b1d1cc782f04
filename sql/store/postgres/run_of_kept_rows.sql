-- The run that begins with rows kept in a folder of the lake.
SELECT id
  FROM importer.import_runs
 WHERE tenant_id = $1 AND ingest_params_json -> 'rows' ->> 'folder' = $2
 LIMIT 1
