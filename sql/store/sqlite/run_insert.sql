-- A new run, pending.
INSERT INTO import_runs
       (tenant_id, id, kind, entity, source, external_system, dry_run, policy, mode, mapping_version, project_hash,
        plan_run_id, parent_run_id, ingest_params_json, triggered_by, created_by, updated_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $15)
