-- Runs that go back to a run: rollbacks, remediations, retries, an applied plan.
SELECT id AS run_id, kind, status, triggered_by, started_at, finished_at
FROM store.import_runs
WHERE parent_run_id = $run_id OR plan_run_id = $run_id
ORDER BY id
