-- @table namespaces control
DROP TABLE importer.namespaces;
-- @table audit control
DROP TABLE importer.audit;
-- @table change_log control
DROP TABLE importer.change_log;
-- @table core_provenance control
DROP TABLE importer.core_provenance;
-- @table external_id_map control
DROP TABLE importer.external_id_map;
-- @table dedupe_suggestions control
DROP TABLE importer.dedupe_suggestions;
-- @table dq_violations control
DROP TABLE importer.dq_violations;
-- @table id_ranges control
DROP TABLE importer.id_ranges;
-- @table load_ledger control
DROP TABLE importer.load_ledger;
-- @table run_steps control
DROP TABLE importer.run_steps;
-- @table import_runs control
DROP TABLE importer.import_runs;
-- @table store_info control
DROP TABLE importer.store_info;
-- @table id_counters control
DROP TABLE importer.id_counters;
