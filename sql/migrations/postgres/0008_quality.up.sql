-- Quality over time, as columns: the files and rules of each run, its counters, the rows that are held now. And what tells
-- that two findings are about the same row, though no link does.

-- @alter dq_violations control
-- The checksum of the row, or of a record that could not be read: the same row in another run, or twice in one file.
ALTER TABLE importer.dq_violations ADD COLUMN row_checksum text COLLATE "C";
CREATE INDEX dq_violations_twin ON importer.dq_violations (row_checksum, rule_code);

-- @table run_files control
CREATE TABLE importer.run_files (
    tenant_id     text COLLATE "C" NOT NULL,
    run_id        bigint NOT NULL,
    file_number   bigint NOT NULL,
    file_name     text NOT NULL,
    dialect       text,
    bytes         bigint NOT NULL,
    rows_landed   bigint NOT NULL,
    rows_rejected bigint NOT NULL,
    rows_blank    bigint NOT NULL,
    rows_repaired bigint NOT NULL,
    PRIMARY KEY (run_id, file_number, tenant_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);

-- @table run_rules control
-- How often each rule spoke, the silent ones too.
CREATE TABLE importer.run_rules (
    tenant_id      text COLLATE "C" NOT NULL,
    run_id         bigint NOT NULL,
    rule_code      text COLLATE "C" NOT NULL,
    severity       text NOT NULL,
    mode           text NOT NULL,
    rows_evaluated bigint NOT NULL,
    violations     bigint NOT NULL,
    PRIMARY KEY (run_id, rule_code, severity, mode, tenant_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);

-- @view run_counts control
CREATE VIEW importer.run_counts AS
SELECT r.tenant_id, r.id AS run_id, r.kind, r.entity, r.source, r.external_system, r.status, r.dry_run,
       r.started_at, r.finished_at,
       (extract(epoch FROM r.finished_at - r.started_at) * 1000)::bigint AS duration_ms,
       (r.counts_json -> 'staging' -> r.entity ->> 'rows_processed')::bigint AS rows_processed,
       (r.counts_json -> 'staging' -> r.entity ->> 'rows_staged')::bigint AS rows_staged,
       (r.counts_json -> 'staging' -> r.entity ->> 'rows_rejected')::bigint AS rows_rejected,
       (r.counts_json -> 'staging' -> r.entity ->> 'rows_skipped_blank')::bigint AS rows_skipped_blank,
       (r.counts_json -> 'dq' -> r.entity ->> 'rows_evaluated')::bigint AS rows_evaluated,
       (r.counts_json -> 'dq' -> r.entity ->> 'rows_validated')::bigint AS rows_validated,
       (r.counts_json -> 'dq' -> r.entity ->> 'rows_quarantined')::bigint AS rows_quarantined,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_created')::bigint AS rows_created,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_updated')::bigint AS rows_updated,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_reactivated')::bigint AS rows_reactivated,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_changed')::bigint AS rows_changed,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_soft_deleted')::bigint AS rows_soft_deleted,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_skipped_duplicates')::bigint AS rows_skipped_duplicates,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_skipped_no_change')::bigint AS rows_skipped_no_change,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_skipped_not_found')::bigint AS rows_skipped_not_found,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_review')::bigint AS rows_review,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_deduped_auto')::bigint AS rows_deduped_auto,
       (r.counts_json -> 'core' -> r.entity ->> 'rows_missing_external_id')::bigint AS rows_missing_external_id,
       (r.counts_json -> 'reconcile' -> r.entity ->> 'freshness_seconds')::bigint AS freshness_seconds,
       (SELECT string_agg(a.flag, ',' ORDER BY a.flag) FROM jsonb_array_elements_text(r.anomaly_flags_json) AS a(flag)) AS anomalies
  FROM importer.import_runs r;

-- @view held_rows control
-- Rows that runs held back and that nobody has brought in since, as far as the store keeps their findings.
CREATE VIEW importer.held_rows AS
SELECT v.tenant_id, v.run_id, v.entity, v.file_number, f.file_name, v.line_number, max(v.sequence_number) AS sequence_number,
       string_agg(DISTINCT v.rule_code, ',' ORDER BY v.rule_code) AS rules, min(v.created_at) AS held_at,
       count(*) FILTER (WHERE v.status = 'wont_fix') > 0 AS is_given_up
  FROM importer.dq_violations v
  JOIN importer.import_runs r
    ON r.tenant_id = v.tenant_id AND r.id = v.run_id AND r.status IN ('succeeded', 'partially_failed') AND NOT r.dry_run
  LEFT JOIN importer.run_files f
    ON f.tenant_id = v.tenant_id AND f.run_id = v.run_id AND f.file_number = v.file_number
 WHERE v.severity = 'error' AND v.status <> 'fixed'
   AND NOT EXISTS (SELECT 1 FROM importer.row_promotions p
                     JOIN importer.import_runs t ON t.tenant_id = p.tenant_id AND t.id = p.run_id AND t.status <> 'rolled_back'
                    WHERE p.tenant_id = v.tenant_id AND p.origin_run_id = v.run_id AND p.origin_file_number = v.file_number
                      AND p.origin_line_number = v.line_number AND p.promoted_at IS NOT NULL)
 GROUP BY v.tenant_id, v.run_id, v.entity, v.file_number, f.file_name, v.line_number;
