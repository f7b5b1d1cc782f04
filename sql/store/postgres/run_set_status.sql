-- The new status, with the time stamps that belong to it. Running again is a new attempt; a restart ($4) forgets
-- how the last attempt ended.
UPDATE importer.import_runs
   SET status = $3,
       attempt = attempt + CASE WHEN $3 = 'running' AND started_at IS NOT NULL THEN 1 ELSE 0 END,
       queued_at = CASE WHEN $3 = 'queued' THEN now() ELSE queued_at END,
       started_at = CASE WHEN $3 = 'running' THEN coalesce(started_at, now()) ELSE started_at END,
       finished_at = CASE WHEN $5 THEN now() ELSE NULL END,
       error_summary = CASE WHEN $4 THEN NULL ELSE error_summary END,
       counts_json = CASE WHEN $4 THEN NULL ELSE counts_json END,
       metrics_json = CASE WHEN $4 THEN NULL ELSE metrics_json END,
       stop_requested = CASE WHEN $3 = 'running' THEN NULL ELSE stop_requested END,
       updated_at = now(),
       updated_by = coalesce($6, updated_by)
 WHERE tenant_id = $1 AND id = $2
RETURNING attempt
