-- @table run_inputs control
DROP TABLE importer.run_inputs;
