-- What operating a run needs: somebody may ask a run at work to stop, and a plan is applied once.

-- @alter import_runs control
-- Asked for by another process; the one at work looks at the borders of steps and chunks. Taken up again, it is gone.
ALTER TABLE importer.import_runs ADD COLUMN stop_requested text CHECK (stop_requested IN ('pause', 'cancel'));
-- Of two that apply one plan, one wins. An apply that left nothing behind frees its plan.
CREATE UNIQUE INDEX import_runs_plan_once ON importer.import_runs (tenant_id, plan_run_id)
    WHERE plan_run_id IS NOT NULL AND status NOT IN ('failed', 'cancelled');
