-- Control tables: what Importer knows about its runs, links and decisions.
--
-- `-- @table NAME control|core` starts the section that makes one table; the runner refuses to touch a table of
-- that name which it did not make. Conventions: times (`*_at`) are microseconds since 1970 UTC, dates are
-- 'YYYY-MM-DD', booleans (`is_*`, dry_run) 0 or 1, JSON is text. Tables are STRICT, so a wrong type is an error
-- and not a surprise; those with narrow rows are WITHOUT ROWID: one b-tree in key order instead of two.

-- @table id_counters control
-- Numbers that must start above what a lake already holds. Global, like a sequence.
CREATE TABLE id_counters (
    name    TEXT PRIMARY KEY,
    next_id INTEGER NOT NULL CHECK (next_id > 0)
) STRICT, WITHOUT ROWID;
INSERT INTO id_counters (name, next_id) VALUES ('import_runs', 1);

-- @table store_info control
CREATE TABLE store_info (
    singleton  INTEGER PRIMARY KEY DEFAULT 1 CHECK (singleton = 1),
    store_id   TEXT NOT NULL,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000)
) STRICT;
INSERT INTO store_info (store_id) VALUES (lower(hex(randomblob(16))));

-- @table import_runs control
CREATE TABLE import_runs (
    tenant_id             TEXT NOT NULL,
    id                    INTEGER NOT NULL,
    kind                  TEXT NOT NULL CHECK (kind IN ('normal', 'dry_run', 'backfill', 'remediation', 'replay', 'stream', 'rollback')),
    entity                TEXT NOT NULL,
    source                TEXT NOT NULL,
    external_system       TEXT,
    dry_run               INTEGER NOT NULL DEFAULT 0,
    status                TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'queued', 'running', 'succeeded', 'failed', 'partially_failed', 'paused', 'cancelled', 'rolled_back')),
    attempt               INTEGER NOT NULL DEFAULT 1 CHECK (attempt > 0),
    policy                TEXT CHECK (policy IN ('upsert', 'skip', 'update')),
    mode                  TEXT CHECK (mode IN ('valid_only', 'all_or_nothing')),
    mapping_version       TEXT,
    project_hash          TEXT,
    plan_run_id           INTEGER,
    parent_run_id         INTEGER,
    ingest_params_json    TEXT NOT NULL DEFAULT '{}',
    counts_json           TEXT,
    metrics_json          TEXT,
    timings_json          TEXT,
    anomaly_flags_json    TEXT NOT NULL DEFAULT '[]',
    error_summary         TEXT,
    max_source_updated_at INTEGER,
    report_url            TEXT,
    triggered_by          TEXT,
    lease_owner           TEXT,
    lease_epoch           INTEGER NOT NULL DEFAULT 0 CHECK (lease_epoch >= 0),
    lease_heartbeat_at    INTEGER,
    queued_at             INTEGER,
    started_at            INTEGER,
    finished_at           INTEGER,
    created_at            INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    created_by            TEXT,
    updated_at            INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_by            TEXT,
    PRIMARY KEY (tenant_id, id)
) STRICT;
CREATE INDEX import_runs_status ON import_runs (tenant_id, status);
CREATE INDEX import_runs_created ON import_runs (tenant_id, created_at);

-- @table run_steps control
CREATE TABLE run_steps (
    tenant_id   TEXT NOT NULL,
    run_id      INTEGER NOT NULL,
    step        TEXT NOT NULL CHECK (step IN ('land', 'stage', 'check', 'match', 'resolve', 'load', 'reconcile')),
    attempt     INTEGER NOT NULL CHECK (attempt > 0),
    status      TEXT NOT NULL CHECK (status IN ('pending', 'running', 'succeeded', 'failed', 'skipped')),
    rows_in     INTEGER,
    rows_out    INTEGER,
    duration_ms INTEGER,
    detail_json TEXT NOT NULL DEFAULT '{}',
    created_at  INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_at  INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, run_id, step, attempt),
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- @table load_ledger control
-- One row per committed chunk, written in the chunk's own transaction.
CREATE TABLE load_ledger (
    tenant_id    TEXT NOT NULL,
    run_id       INTEGER NOT NULL,
    entity       TEXT NOT NULL,
    round        INTEGER NOT NULL CHECK (round >= 0),
    chunk        INTEGER NOT NULL CHECK (chunk >= 0),
    attempt      INTEGER NOT NULL,
    lease_epoch  INTEGER NOT NULL,
    changes      INTEGER NOT NULL CHECK (changes >= 0),
    applied      INTEGER NOT NULL CHECK (applied >= 0),
    refused      INTEGER NOT NULL CHECK (refused >= 0),
    detail_json  TEXT NOT NULL DEFAULT '{}',
    committed_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, run_id, entity, round, chunk),
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id),
    CHECK (changes = applied + refused)
) STRICT, WITHOUT ROWID;

-- @table id_ranges control
-- Core ids a run has taken, committed before its first chunk: a resumed run gives the same ids.
CREATE TABLE id_ranges (
    tenant_id  TEXT NOT NULL,
    run_id     INTEGER NOT NULL,
    entity     TEXT NOT NULL,
    round      INTEGER NOT NULL CHECK (round >= 0),
    ordinal    INTEGER NOT NULL CHECK (ordinal >= 0),
    first_id   INTEGER NOT NULL,
    id_count   INTEGER NOT NULL CHECK (id_count > 0),
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, run_id, entity, round, ordinal),
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- @table dq_violations control
CREATE TABLE dq_violations (
    tenant_id           TEXT NOT NULL,
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id              INTEGER NOT NULL,
    entity              TEXT NOT NULL,
    sequence_number     INTEGER,
    file_number         INTEGER NOT NULL DEFAULT 0,
    line_number         INTEGER NOT NULL DEFAULT 0,
    rule_code           TEXT NOT NULL CHECK (rule_code <> ''),
    field               TEXT NOT NULL DEFAULT '',
    severity            TEXT NOT NULL CHECK (severity IN ('error', 'warn', 'info')),
    status              TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'fixed', 'suppressed', 'wont_fix')),
    original_value      TEXT,
    normalised_value    TEXT,
    message             TEXT NOT NULL,
    hint                TEXT,
    details_json        TEXT NOT NULL DEFAULT '{}',
    link_system         TEXT,
    link_id             TEXT,
    resolution          TEXT,
    resolved_at         INTEGER,
    resolved_by         TEXT,
    resolved_run_id     INTEGER,
    edited_fields_json  TEXT,
    edited_payload_json TEXT,
    created_at          INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_at          INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_by          TEXT,
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT;
-- The natural key: writing the same findings again adds nothing. A rejected record has no sequence number.
CREATE UNIQUE INDEX dq_violations_natural ON dq_violations
    (tenant_id, run_id, rule_code, (coalesce(sequence_number, -1)), file_number, line_number, field);
CREATE INDEX dq_violations_rule ON dq_violations (tenant_id, rule_code, status);
-- A newer row of the same link closes older open findings.
CREATE INDEX dq_violations_open_link ON dq_violations (tenant_id, entity, link_system, link_id) WHERE status = 'open';

-- @table dedupe_suggestions control
CREATE TABLE dedupe_suggestions (
    tenant_id        TEXT NOT NULL,
    id               INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_type      TEXT NOT NULL,
    natural_key      BLOB NOT NULL,
    run_id           INTEGER NOT NULL,
    sequence_number  INTEGER,
    link_system      TEXT,
    link_id          TEXT,
    core_id          INTEGER,
    other_core_id    INTEGER,
    match_type       TEXT NOT NULL CHECK (match_type IN ('external_id', 'email', 'phone', 'combined', 'household', 'fuzzy', 'none')),
    reason           TEXT,
    score            REAL,
    confidence_score REAL CHECK (confidence_score BETWEEN 0 AND 1),
    features_json    TEXT NOT NULL DEFAULT '{}',
    decision         TEXT NOT NULL DEFAULT 'pending' CHECK (decision IN ('auto_resolved', 'auto_merged', 'accepted', 'merged', 'rejected', 'deferred', 'split', 'pending')),
    decided_at       INTEGER,
    decided_by       TEXT,
    created_at       INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_at       INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000)
) STRICT;
CREATE UNIQUE INDEX dedupe_suggestions_natural ON dedupe_suggestions (tenant_id, entity_type, natural_key);
CREATE INDEX dedupe_suggestions_waiting ON dedupe_suggestions (tenant_id, entity_type, created_at) WHERE decision IN ('pending', 'deferred');

-- @table external_id_map control
-- Bumped at every sighting: no index on what changes.
CREATE TABLE external_id_map (
    tenant_id               TEXT NOT NULL,
    entity_type             TEXT NOT NULL,
    external_system         TEXT NOT NULL,
    external_id             TEXT NOT NULL,
    core_id                 INTEGER NOT NULL,
    is_active               INTEGER NOT NULL DEFAULT 1,
    is_synthetic            INTEGER NOT NULL DEFAULT 0,
    first_seen_at           INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    last_seen_at            INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    run_id                  INTEGER NOT NULL,
    last_run_id             INTEGER NOT NULL,
    last_checksum           BLOB,
    last_effective_at       INTEGER,
    ingest_version          INTEGER,
    deactivated_at          INTEGER,
    upstream_deleted_reason TEXT,
    PRIMARY KEY (tenant_id, entity_type, external_system, external_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_id_map_core ON external_id_map (tenant_id, entity_type, core_id);

-- @table core_provenance control
CREATE TABLE core_provenance (
    tenant_id       TEXT NOT NULL,
    entity_type     TEXT NOT NULL,
    core_id         INTEGER NOT NULL,
    fingerprint     BLOB NOT NULL,
    source          TEXT NOT NULL,
    effective_at    INTEGER,
    run_id          INTEGER NOT NULL,
    sequence_number INTEGER,
    load_action     TEXT NOT NULL CHECK (load_action IN ('created', 'updated', 'reactivated', 'soft_deleted', 'no_change', 'skipped_duplicate')),
    fields_json     TEXT,
    PRIMARY KEY (tenant_id, entity_type, core_id)
) STRICT, WITHOUT ROWID;

-- @table change_log control
CREATE TABLE change_log (
    tenant_id       TEXT NOT NULL,
    run_id          INTEGER NOT NULL,
    entity_type     TEXT NOT NULL,
    core_id         INTEGER NOT NULL,
    field_name      TEXT NOT NULL CHECK (field_name <> ''),
    ordinal         INTEGER NOT NULL DEFAULT 0,
    before_value    TEXT,
    after_value     TEXT,
    winner          TEXT,
    loser           TEXT,
    reason          TEXT,
    provenance_json TEXT,
    verified_at     INTEGER,
    source_run_id   INTEGER,
    sequence_number INTEGER,
    ingest_version  INTEGER,
    changed_by      TEXT,
    changed_at      INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, run_id, entity_type, core_id, field_name, ordinal)
) STRICT;
CREATE INDEX change_log_core ON change_log (tenant_id, entity_type, core_id);

-- @table audit control
CREATE TABLE audit (
    tenant_id    TEXT NOT NULL,
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    action       TEXT NOT NULL CHECK (action <> ''),
    actor        TEXT NOT NULL,
    target_type  TEXT,
    target_id    TEXT,
    run_id       INTEGER,
    details_json TEXT NOT NULL DEFAULT '{}',
    created_at   INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000)
) STRICT;

-- @table namespaces control
CREATE TABLE namespaces (
    tenant_id       TEXT NOT NULL,
    external_system TEXT NOT NULL CHECK (external_system <> ''),
    status          TEXT NOT NULL DEFAULT 'seen' CHECK (status IN ('seen', 'approved', 'refused')),
    first_run_id    INTEGER,
    first_seen_at   INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    decided_at      INTEGER,
    decided_by      TEXT,
    PRIMARY KEY (tenant_id, external_system)
) STRICT, WITHOUT ROWID;
