-- Rows that a person mended, or that went again: which run took them on.

-- @table row_promotions control
-- A held row is one record of its first run: file and line name it, and its sequence number where it was staged. The
-- run that takes it on claims it here before anything else, and marks it when the row left quarantine. No row can be
-- claimed twice, so none is promoted twice.
CREATE TABLE row_promotions (
    tenant_id              TEXT NOT NULL,
    origin_run_id          INTEGER NOT NULL,
    origin_file_number     INTEGER NOT NULL,
    origin_line_number     INTEGER NOT NULL,
    origin_sequence_number INTEGER,
    run_id                 INTEGER NOT NULL,
    sequence_number        INTEGER NOT NULL,
    claimed_at             INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    promoted_at            INTEGER,
    PRIMARY KEY (tenant_id, origin_run_id, origin_file_number, origin_line_number),
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX row_promotions_origin ON row_promotions (tenant_id, origin_run_id, origin_sequence_number);
CREATE INDEX row_promotions_run ON row_promotions (tenant_id, run_id);
-- What is known of one row, whatever rules spoke about it.
CREATE INDEX dq_violations_place ON dq_violations (tenant_id, run_id, file_number, line_number);
