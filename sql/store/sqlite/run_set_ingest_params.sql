-- What is needed to take the run up again.
UPDATE import_runs SET ingest_params_json = $3 WHERE tenant_id = $1 AND id = $2
