-- A new epoch for a new owner. Waits for writes of the old epoch, which hold the row FOR KEY SHARE: the row is
-- locked in a statement of its own before (lease_lock).
UPDATE importer.import_runs
   SET lease_owner = $3, lease_epoch = lease_epoch + 1, lease_heartbeat_at = clock_timestamp()
 WHERE tenant_id = $1 AND id = $2
RETURNING lease_epoch
