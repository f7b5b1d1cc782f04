-- @table run_inputs control
DROP TABLE run_inputs;
