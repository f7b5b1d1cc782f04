-- BEGIN IMMEDIATE has locked the file: no chunk of the old epoch is under way.
SELECT lease_epoch FROM import_runs WHERE tenant_id = $1 AND id = $2
