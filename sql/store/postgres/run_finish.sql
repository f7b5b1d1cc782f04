-- What a run leaves behind.
UPDATE importer.import_runs
   SET counts_json = $3::jsonb,
       metrics_json = $4::jsonb,
       timings_json = $5::jsonb,
       anomaly_flags_json = $6::jsonb,
       error_summary = $7,
       max_source_updated_at = $8,
       report_url = $9,
       updated_at = now()
 WHERE tenant_id = $1 AND id = $2
