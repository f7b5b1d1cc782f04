-- @alter import_runs control
DROP INDEX import_runs_plan_once;
ALTER TABLE import_runs DROP COLUMN stop_requested;
