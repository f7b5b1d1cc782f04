-- Writes a namespace down the first time it is seen.
INSERT INTO importer.namespaces (tenant_id, external_system, first_run_id)
VALUES ($1, $2, $3)
ON CONFLICT (tenant_id, external_system) DO NOTHING
