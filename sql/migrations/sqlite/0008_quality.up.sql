-- Quality over time, as columns: the files and rules of each run, its counters, the rows that are held now. And what tells
-- that two findings are about the same row, though no link does.

-- @alter dq_violations control
-- The checksum of the row, or of a record that could not be read: the same row in another run, or twice in one file.
ALTER TABLE dq_violations ADD COLUMN row_checksum TEXT;
CREATE INDEX dq_violations_twin ON dq_violations (row_checksum, rule_code);

-- @table run_files control
CREATE TABLE run_files (
    tenant_id     TEXT NOT NULL,
    run_id        INTEGER NOT NULL,
    file_number   INTEGER NOT NULL,
    file_name     TEXT NOT NULL,
    dialect       TEXT,
    bytes         INTEGER NOT NULL,
    rows_landed   INTEGER NOT NULL,
    rows_rejected INTEGER NOT NULL,
    rows_blank    INTEGER NOT NULL,
    rows_repaired INTEGER NOT NULL,
    PRIMARY KEY (run_id, file_number, tenant_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT;

-- @table run_rules control
-- How often each rule spoke, the silent ones too.
CREATE TABLE run_rules (
    tenant_id      TEXT NOT NULL,
    run_id         INTEGER NOT NULL,
    rule_code      TEXT NOT NULL,
    severity       TEXT NOT NULL,
    mode           TEXT NOT NULL,
    rows_evaluated INTEGER NOT NULL,
    violations     INTEGER NOT NULL,
    PRIMARY KEY (run_id, rule_code, severity, mode, tenant_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT;

-- @view run_counts control
CREATE VIEW run_counts AS
SELECT r.tenant_id, r.id AS run_id, r.kind, r.entity, r.source, r.external_system, r.status, r.dry_run,
       r.started_at, r.finished_at,
       CAST((r.finished_at - r.started_at) / 1000 AS INTEGER) AS duration_ms,
       CAST(json_extract(r.counts_json, '$.staging."' || r.entity || '".rows_processed') AS INTEGER) AS rows_processed,
       CAST(json_extract(r.counts_json, '$.staging."' || r.entity || '".rows_staged') AS INTEGER) AS rows_staged,
       CAST(json_extract(r.counts_json, '$.staging."' || r.entity || '".rows_rejected') AS INTEGER) AS rows_rejected,
       CAST(json_extract(r.counts_json, '$.staging."' || r.entity || '".rows_skipped_blank') AS INTEGER) AS rows_skipped_blank,
       CAST(json_extract(r.counts_json, '$.dq."' || r.entity || '".rows_evaluated') AS INTEGER) AS rows_evaluated,
       CAST(json_extract(r.counts_json, '$.dq."' || r.entity || '".rows_validated') AS INTEGER) AS rows_validated,
       CAST(json_extract(r.counts_json, '$.dq."' || r.entity || '".rows_quarantined') AS INTEGER) AS rows_quarantined,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_created') AS INTEGER) AS rows_created,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_updated') AS INTEGER) AS rows_updated,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_reactivated') AS INTEGER) AS rows_reactivated,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_changed') AS INTEGER) AS rows_changed,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_soft_deleted') AS INTEGER) AS rows_soft_deleted,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_skipped_duplicates') AS INTEGER) AS rows_skipped_duplicates,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_skipped_no_change') AS INTEGER) AS rows_skipped_no_change,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_skipped_not_found') AS INTEGER) AS rows_skipped_not_found,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_review') AS INTEGER) AS rows_review,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_deduped_auto') AS INTEGER) AS rows_deduped_auto,
       CAST(json_extract(r.counts_json, '$.core."' || r.entity || '".rows_missing_external_id') AS INTEGER) AS rows_missing_external_id,
       CAST(json_extract(r.counts_json, '$.reconcile."' || r.entity || '".freshness_seconds') AS INTEGER) AS freshness_seconds,
       CAST((SELECT group_concat(flag, ',') FROM (SELECT value AS flag FROM json_each(r.anomaly_flags_json) ORDER BY value)) AS TEXT) AS anomalies
  FROM import_runs r;

-- @view held_rows control
-- Rows that runs held back and that nobody has brought in since, as far as the store keeps their findings.
CREATE VIEW held_rows AS
SELECT v.tenant_id, v.run_id, v.entity, v.file_number, f.file_name, v.line_number,
       CAST(max(v.sequence_number) AS INTEGER) AS sequence_number,
       CAST((SELECT group_concat(rule_code, ',')
               FROM (SELECT DISTINCT o.rule_code FROM dq_violations o
                      WHERE o.tenant_id = v.tenant_id AND o.run_id = v.run_id AND o.file_number = v.file_number
                        AND o.line_number = v.line_number AND o.severity = 'error' AND o.status <> 'fixed'
                      ORDER BY o.rule_code)) AS TEXT) AS rules,
       CAST(min(v.created_at) AS INTEGER) AS held_at,
       CAST(max(v.status = 'wont_fix') AS INTEGER) AS is_given_up
  FROM dq_violations v
  JOIN import_runs r
    ON r.tenant_id = v.tenant_id AND r.id = v.run_id AND r.status IN ('succeeded', 'partially_failed') AND NOT r.dry_run
  LEFT JOIN run_files f
    ON f.tenant_id = v.tenant_id AND f.run_id = v.run_id AND f.file_number = v.file_number
 WHERE v.severity = 'error' AND v.status <> 'fixed'
   AND NOT EXISTS (SELECT 1 FROM row_promotions p
                     JOIN import_runs t ON t.tenant_id = p.tenant_id AND t.id = p.run_id AND t.status <> 'rolled_back'
                    WHERE p.tenant_id = v.tenant_id AND p.origin_run_id = v.run_id AND p.origin_file_number = v.file_number
                      AND p.origin_line_number = v.line_number AND p.promoted_at IS NOT NULL)
 GROUP BY v.tenant_id, v.run_id, v.entity, v.file_number, f.file_name, v.line_number;
