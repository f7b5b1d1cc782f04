-- Asks the process at work to stop. It looks at the borders of steps and chunks.
UPDATE importer.import_runs SET stop_requested = $3 WHERE tenant_id = $1 AND id = $2 AND status = 'running'
