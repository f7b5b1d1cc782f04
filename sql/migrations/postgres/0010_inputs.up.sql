-- What runs have read: a file is known by its content, under whatever name it comes again.

-- @table run_inputs control
CREATE TABLE importer.run_inputs (
    tenant_id    text COLLATE "C" NOT NULL,
    run_id       bigint NOT NULL,
    input_number bigint NOT NULL,
    input_name   text NOT NULL,
    content_hash text COLLATE "C" NOT NULL,
    bytes        bigint NOT NULL,
    PRIMARY KEY (run_id, input_number, tenant_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);
CREATE INDEX run_inputs_content ON importer.run_inputs (content_hash, tenant_id);
