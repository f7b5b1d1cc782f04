-- What is needed to take the run up again.
UPDATE importer.import_runs SET ingest_params_json = $3::jsonb WHERE tenant_id = $1 AND id = $2
