-- @alter import_runs control
DROP INDEX importer.import_runs_plan_once;
ALTER TABLE importer.import_runs DROP COLUMN stop_requested;
