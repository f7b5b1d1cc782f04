-- Whether a plan is loaded: it itself, or one that was made anew of it, also by way of others.
WITH RECURSIVE plans (id) AS (
    SELECT CAST($2 AS bigint)
     UNION
    SELECT r.id
      FROM plans p
      JOIN importer.import_runs r ON r.parent_run_id = p.id
     WHERE r.tenant_id = $1 AND r.kind = 'dry_run'
)
SELECT EXISTS (
    SELECT 1
      FROM plans p
      JOIN importer.import_runs r ON r.plan_run_id = p.id
     WHERE r.tenant_id = $1 AND r.status = 'succeeded')
