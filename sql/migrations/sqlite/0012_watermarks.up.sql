-- How far runs have read a source that grows. A watermark counts as long as its run does, and the runs that it was built on:
-- a run that is rolled back takes those with it that read on from it.

-- @table source_watermarks control
CREATE TABLE source_watermarks (
    tenant_id      TEXT NOT NULL,
    run_id         INTEGER NOT NULL,
    partition_key  TEXT NOT NULL,
    partition_name TEXT NOT NULL,
    watermark      TEXT NOT NULL,
    after_run_id   INTEGER,
    PRIMARY KEY (partition_key, run_id, tenant_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT;
CREATE INDEX source_watermarks_after ON source_watermarks (after_run_id, partition_key, tenant_id);
