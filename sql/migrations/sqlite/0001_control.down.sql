-- @table namespaces control
DROP TABLE namespaces;
-- @table audit control
DROP TABLE audit;
-- @table change_log control
DROP TABLE change_log;
-- @table core_provenance control
DROP TABLE core_provenance;
-- @table external_id_map control
DROP TABLE external_id_map;
-- @table dedupe_suggestions control
DROP TABLE dedupe_suggestions;
-- @table dq_violations control
DROP TABLE dq_violations;
-- @table id_ranges control
DROP TABLE id_ranges;
-- @table load_ledger control
DROP TABLE load_ledger;
-- @table run_steps control
DROP TABLE run_steps;
-- @table import_runs control
DROP TABLE import_runs;
-- @table store_info control
DROP TABLE store_info;
-- @table id_counters control
DROP TABLE id_counters;
