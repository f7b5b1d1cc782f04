-- The status of a run; the file is locked.
SELECT status, lease_epoch FROM import_runs WHERE tenant_id = $1 AND id = $2
