-- Conflicts with the FOR KEY SHARE of a write, so that no write of the old epoch is under way.
SELECT lease_epoch FROM importer.import_runs WHERE tenant_id = $1 AND id = $2 FOR UPDATE
