-- @view held_rows control
DROP VIEW importer.held_rows;

-- @view run_counts control
DROP VIEW importer.run_counts;

-- @table run_rules control
DROP TABLE importer.run_rules;

-- @table run_files control
DROP TABLE importer.run_files;

-- @alter dq_violations control
DROP INDEX importer.dq_violations_twin;
ALTER TABLE importer.dq_violations DROP COLUMN row_checksum;
