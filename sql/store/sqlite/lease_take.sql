-- A new epoch for a new owner.
UPDATE import_runs
   SET lease_owner = $3, lease_epoch = lease_epoch + 1, lease_heartbeat_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1 AND id = $2
RETURNING lease_epoch
