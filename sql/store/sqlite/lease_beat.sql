-- The sign of life, by the database's clock.
UPDATE import_runs
   SET lease_heartbeat_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1 AND id = $2 AND lease_epoch = $3
