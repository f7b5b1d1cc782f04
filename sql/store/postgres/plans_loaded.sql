-- Which of these plans (a list of runs) are loaded: each itself, or as it was made anew, also by way of others.
WITH RECURSIVE plans (plan, id) AS (
    SELECT CAST(g.id AS bigint), CAST(g.id AS bigint)
      FROM jsonb_array_elements_text($2::jsonb) AS g (id)
     UNION
    SELECT p.plan, r.id
      FROM plans p
      JOIN importer.import_runs r ON r.parent_run_id = p.id
     WHERE r.tenant_id = $1 AND r.kind = 'dry_run'
)
SELECT DISTINCT p.plan
  FROM plans p
  JOIN importer.import_runs r ON r.plan_run_id = p.id
 WHERE r.tenant_id = $1 AND r.status = 'succeeded'
