-- Writes namespaces down the first time they are seen.
INSERT INTO namespaces (tenant_id, external_system, first_run_id)
SELECT $1, k.{column}, $2 FROM {keys} k WHERE true
ON CONFLICT (tenant_id, external_system) DO NOTHING
