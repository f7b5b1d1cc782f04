-- What runs have read: a file is known by its content, under whatever name it comes again.

-- @table run_inputs control
CREATE TABLE run_inputs (
    tenant_id    TEXT NOT NULL,
    run_id       INTEGER NOT NULL,
    input_number INTEGER NOT NULL,
    input_name   TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    bytes        INTEGER NOT NULL,
    PRIMARY KEY (run_id, input_number, tenant_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT;
CREATE INDEX run_inputs_content ON run_inputs (content_hash, tenant_id);
