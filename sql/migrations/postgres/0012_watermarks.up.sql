-- How far runs have read a source that grows. A watermark counts as long as its run does, and the runs that it was built on:
-- a run that is rolled back takes those with it that read on from it.

-- @table source_watermarks control
CREATE TABLE importer.source_watermarks (
    tenant_id      text COLLATE "C" NOT NULL,
    run_id         bigint NOT NULL,
    partition_key  text COLLATE "C" NOT NULL,
    partition_name text NOT NULL,
    watermark      text NOT NULL,
    after_run_id   bigint,
    PRIMARY KEY (partition_key, run_id, tenant_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);
CREATE INDEX source_watermarks_after ON importer.source_watermarks (after_run_id, partition_key, tenant_id);
