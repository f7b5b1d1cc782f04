-- @view held_rows control
DROP VIEW held_rows;

-- @view run_counts control
DROP VIEW run_counts;

-- @table run_rules control
DROP TABLE run_rules;

-- @table run_files control
DROP TABLE run_files;

-- @alter dq_violations control
DROP INDEX dq_violations_twin;
ALTER TABLE dq_violations DROP COLUMN row_checksum;
