-- What a run leaves behind.
UPDATE import_runs
   SET counts_json = $3,
       metrics_json = $4,
       timings_json = $5,
       anomaly_flags_json = $6,
       error_summary = $7,
       max_source_updated_at = $8,
       report_url = $9,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1 AND id = $2
