-- Runs, newest first, below a given id. An absent filter is NULL; `days` counts back from the store's clock.
SELECT tenant_id, id, kind, entity, source, external_system, dry_run, status, attempt, policy, mode,
       mapping_version, project_hash, plan_run_id, parent_run_id, ingest_params_json, counts_json, metrics_json,
       timings_json, anomaly_flags_json, error_summary, max_source_updated_at, report_url, triggered_by,
       lease_owner, lease_epoch, lease_heartbeat_at, queued_at, started_at, finished_at, created_at, updated_at
  FROM import_runs
 WHERE tenant_id = $1
   AND ($2 IS NULL OR status = $2)
   AND ($3 IS NULL OR source = $3)
   AND ($4 IS NULL OR kind = $4)
   AND ($5 IS NULL OR created_at >= CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000 - $5 * 86400000000)
   AND ($6 IS NULL OR dry_run = $6)
   AND id < $7
 ORDER BY id DESC
 LIMIT $8
