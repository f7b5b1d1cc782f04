-- Whether somebody asked the run to stop, and how.
SELECT stop_requested FROM import_runs WHERE tenant_id = $1 AND id = $2
