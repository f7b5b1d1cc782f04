-- The run's row, locked against other changes of its status.
SELECT status, lease_epoch FROM importer.import_runs WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE
