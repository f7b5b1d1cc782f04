-- The run that applies a plan; one that left nothing behind does not count.
SELECT tenant_id, id, kind, entity, source, external_system, dry_run, status, attempt, policy, mode,
       mapping_version, project_hash, plan_run_id, parent_run_id, ingest_params_json, counts_json, metrics_json,
       timings_json, anomaly_flags_json, error_summary, max_source_updated_at, report_url, triggered_by,
       lease_owner, lease_epoch, lease_heartbeat_at, queued_at, started_at, finished_at, created_at, updated_at
  FROM import_runs
 WHERE tenant_id = $1 AND plan_run_id = $2 AND status NOT IN ('failed', 'cancelled')
