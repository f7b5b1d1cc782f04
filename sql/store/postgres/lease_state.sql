-- Who holds a run, and the age of the last sign of life in seconds.
SELECT lease_owner, lease_epoch,
       extract(epoch FROM clock_timestamp() - lease_heartbeat_at)::double precision
  FROM importer.import_runs
 WHERE tenant_id = $1 AND id = $2
