-- Given back. The epoch stays: it only rises.
UPDATE import_runs
   SET lease_owner = NULL, lease_heartbeat_at = NULL
 WHERE tenant_id = $1 AND id = $2 AND lease_epoch = $3
