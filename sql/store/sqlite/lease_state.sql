-- Who holds a run, and the age of the last sign of life in seconds.
SELECT lease_owner, lease_epoch,
       (julianday('now') - 2440587.5) * 86400.0 - lease_heartbeat_at / 1000000.0
  FROM import_runs
 WHERE tenant_id = $1 AND id = $2
