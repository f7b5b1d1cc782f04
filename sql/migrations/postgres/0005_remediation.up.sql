-- Rows that a person mended, or that went again: which run took them on.

-- @table row_promotions control
-- A held row is one record of its first run: file and line name it, and its sequence number where it was staged. The
-- run that takes it on claims it here before anything else, and marks it when the row left quarantine. No row can be
-- claimed twice, so none is promoted twice.
CREATE TABLE importer.row_promotions (
    tenant_id              text COLLATE "C" NOT NULL,
    origin_run_id          bigint NOT NULL,
    origin_file_number     bigint NOT NULL,
    origin_line_number     bigint NOT NULL,
    origin_sequence_number bigint,
    run_id                 bigint NOT NULL,
    sequence_number        bigint NOT NULL,
    claimed_at             timestamptz NOT NULL DEFAULT now(),
    promoted_at            timestamptz,
    PRIMARY KEY (tenant_id, origin_run_id, origin_file_number, origin_line_number),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);
CREATE UNIQUE INDEX row_promotions_origin ON importer.row_promotions (tenant_id, origin_run_id, origin_sequence_number);
CREATE INDEX row_promotions_run ON importer.row_promotions (tenant_id, run_id);
-- What is known of one row, whatever rules spoke about it.
CREATE INDEX dq_violations_place ON importer.dq_violations (tenant_id, run_id, file_number, line_number);
