-- The sign of life, by the database's clock.
UPDATE importer.import_runs
   SET lease_heartbeat_at = clock_timestamp()
 WHERE tenant_id = $1 AND id = $2 AND lease_epoch = $3
