-- Control tables: what Importer knows about its runs, links and decisions. Schema `importer`, made by the runner.
--
-- `-- @table NAME control|core` starts the section that makes one table; the runner refuses to touch a table of
-- that name which it did not make. Text keys are COLLATE "C": byte order is what a sorted load writes, and it is
-- cheaper to compare. Tables that take a row per loaded row have no foreign key to import_runs: the check of one
-- costs 4 to 6 microseconds a row, and their run_id is written only inside a fenced chunk transaction.

-- @table id_counters control
-- Numbers that must start above what a lake already holds. Global, like a sequence.
CREATE TABLE importer.id_counters (
    name    text COLLATE "C" PRIMARY KEY,
    next_id bigint NOT NULL CHECK (next_id > 0)
);
INSERT INTO importer.id_counters (name, next_id) VALUES ('import_runs', 1);

-- @table store_info control
CREATE TABLE importer.store_info (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    store_id   text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO importer.store_info (store_id) VALUES (gen_random_uuid()::text);

-- @table import_runs control
CREATE TABLE importer.import_runs (
    tenant_id             text COLLATE "C" NOT NULL,
    id                    bigint NOT NULL,
    kind                  text NOT NULL CHECK (kind IN ('normal', 'dry_run', 'backfill', 'remediation', 'replay', 'stream', 'rollback')),
    entity                text COLLATE "C" NOT NULL,
    source                text COLLATE "C" NOT NULL,
    external_system       text COLLATE "C",
    dry_run               boolean NOT NULL DEFAULT false,
    status                text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'queued', 'running', 'succeeded', 'failed', 'partially_failed', 'paused', 'cancelled', 'rolled_back')),
    attempt               bigint NOT NULL DEFAULT 1 CHECK (attempt > 0),
    policy                text CHECK (policy IN ('upsert', 'skip', 'update')),
    mode                  text CHECK (mode IN ('valid_only', 'all_or_nothing')),
    mapping_version       text,
    project_hash          text,
    plan_run_id           bigint,
    parent_run_id         bigint,
    ingest_params_json    jsonb NOT NULL DEFAULT '{}',
    counts_json           jsonb,
    metrics_json          jsonb,
    timings_json          jsonb,
    anomaly_flags_json    jsonb NOT NULL DEFAULT '[]',
    error_summary         text,
    max_source_updated_at timestamptz,
    report_url            text,
    triggered_by          text,
    lease_owner           text,
    lease_epoch           bigint NOT NULL DEFAULT 0 CHECK (lease_epoch >= 0),
    lease_heartbeat_at    timestamptz,
    queued_at             timestamptz,
    started_at            timestamptz,
    finished_at           timestamptz,
    created_at            timestamptz NOT NULL DEFAULT now(),
    created_by            text,
    updated_at            timestamptz NOT NULL DEFAULT now(),
    updated_by            text,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80);
CREATE INDEX import_runs_status ON importer.import_runs (tenant_id, status);
CREATE INDEX import_runs_created ON importer.import_runs (tenant_id, created_at);

-- @table run_steps control
CREATE TABLE importer.run_steps (
    tenant_id   text COLLATE "C" NOT NULL,
    run_id      bigint NOT NULL,
    step        text COLLATE "C" NOT NULL CHECK (step IN ('land', 'stage', 'check', 'match', 'resolve', 'load', 'reconcile')),
    attempt     bigint NOT NULL CHECK (attempt > 0),
    status      text NOT NULL CHECK (status IN ('pending', 'running', 'succeeded', 'failed', 'skipped')),
    rows_in     bigint,
    rows_out    bigint,
    duration_ms bigint,
    detail_json jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, run_id, step, attempt),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);

-- @table load_ledger control
-- One row per committed chunk, written in the chunk's own transaction.
CREATE TABLE importer.load_ledger (
    tenant_id    text COLLATE "C" NOT NULL,
    run_id       bigint NOT NULL,
    entity       text COLLATE "C" NOT NULL,
    round        bigint NOT NULL CHECK (round >= 0),
    chunk        bigint NOT NULL CHECK (chunk >= 0),
    attempt      bigint NOT NULL,
    lease_epoch  bigint NOT NULL,
    changes      bigint NOT NULL CHECK (changes >= 0),
    applied      bigint NOT NULL CHECK (applied >= 0),
    refused      bigint NOT NULL CHECK (refused >= 0),
    detail_json  jsonb NOT NULL DEFAULT '{}',
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, run_id, entity, round, chunk),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id),
    CHECK (changes = applied + refused)
);

-- @table id_ranges control
-- Core ids a run has taken, committed before its first chunk: a resumed run gives the same ids.
CREATE TABLE importer.id_ranges (
    tenant_id  text COLLATE "C" NOT NULL,
    run_id     bigint NOT NULL,
    entity     text COLLATE "C" NOT NULL,
    round      bigint NOT NULL CHECK (round >= 0),
    ordinal    bigint NOT NULL CHECK (ordinal >= 0),
    first_id   bigint NOT NULL,
    id_count   bigint NOT NULL CHECK (id_count > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, run_id, entity, round, ordinal),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);

-- @table dq_violations control
CREATE TABLE importer.dq_violations (
    tenant_id           text COLLATE "C" NOT NULL,
    id                  bigint GENERATED ALWAYS AS IDENTITY,
    run_id              bigint NOT NULL,
    entity              text COLLATE "C" NOT NULL,
    sequence_number     bigint,
    file_number         bigint NOT NULL DEFAULT 0,
    line_number         bigint NOT NULL DEFAULT 0,
    rule_code           text COLLATE "C" NOT NULL CHECK (rule_code <> ''),
    field               text COLLATE "C" NOT NULL DEFAULT '',
    severity            text NOT NULL CHECK (severity IN ('error', 'warn', 'info')),
    status              text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'fixed', 'suppressed', 'wont_fix')),
    original_value      text,
    normalised_value    text,
    message             text NOT NULL,
    hint                text,
    details_json        jsonb NOT NULL DEFAULT '{}',
    link_system         text COLLATE "C",
    link_id             text COLLATE "C",
    resolution          text,
    resolved_at         timestamptz,
    resolved_by         text,
    resolved_run_id     bigint,
    edited_fields_json  jsonb,
    edited_payload_json jsonb,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    updated_by          text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);
-- The natural key: writing the same findings again adds nothing. A rejected record has no sequence number.
CREATE UNIQUE INDEX dq_violations_natural ON importer.dq_violations
    (tenant_id, run_id, rule_code, (coalesce(sequence_number, -1)), file_number, line_number, field);
CREATE INDEX dq_violations_rule ON importer.dq_violations (tenant_id, rule_code, status);
-- A newer row of the same link closes older open findings.
CREATE INDEX dq_violations_open_link ON importer.dq_violations (tenant_id, entity, link_system, link_id) WHERE status = 'open';

-- @table dedupe_suggestions control
CREATE TABLE importer.dedupe_suggestions (
    tenant_id        text COLLATE "C" NOT NULL,
    id               bigint GENERATED ALWAYS AS IDENTITY,
    entity_type      text COLLATE "C" NOT NULL,
    natural_key      bytea NOT NULL,
    run_id           bigint NOT NULL,
    sequence_number  bigint,
    link_system      text COLLATE "C",
    link_id          text COLLATE "C",
    core_id          bigint,
    other_core_id    bigint,
    match_type       text NOT NULL CHECK (match_type IN ('external_id', 'email', 'phone', 'combined', 'household', 'fuzzy', 'none')),
    reason           text,
    score            double precision,
    confidence_score double precision CHECK (confidence_score BETWEEN 0 AND 1),
    features_json    jsonb NOT NULL DEFAULT '{}',
    decision         text NOT NULL DEFAULT 'pending' CHECK (decision IN ('auto_resolved', 'auto_merged', 'accepted', 'merged', 'rejected', 'deferred', 'split', 'pending')),
    decided_at       timestamptz,
    decided_by       text,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX dedupe_suggestions_natural ON importer.dedupe_suggestions (tenant_id, entity_type, natural_key);
CREATE INDEX dedupe_suggestions_waiting ON importer.dedupe_suggestions (tenant_id, entity_type, created_at) WHERE decision IN ('pending', 'deferred');

-- @table external_id_map control
-- Bumped at every sighting: room on the page and no index on what changes keep those updates heap-only.
CREATE TABLE importer.external_id_map (
    tenant_id               text COLLATE "C" NOT NULL,
    entity_type             text COLLATE "C" NOT NULL,
    external_system         text COLLATE "C" NOT NULL,
    external_id             text COLLATE "C" NOT NULL,
    core_id                 bigint NOT NULL,
    is_active               boolean NOT NULL DEFAULT true,
    is_synthetic            boolean NOT NULL DEFAULT false,
    first_seen_at           timestamptz NOT NULL DEFAULT now(),
    last_seen_at            timestamptz NOT NULL DEFAULT now(),
    run_id                  bigint NOT NULL,
    last_run_id             bigint NOT NULL,
    last_checksum           bytea,
    last_effective_at       timestamptz,
    ingest_version          bigint,
    deactivated_at          timestamptz,
    upstream_deleted_reason text,
    PRIMARY KEY (tenant_id, entity_type, external_system, external_id) INCLUDE (core_id)
) WITH (fillfactor = 90);
CREATE INDEX external_id_map_core ON importer.external_id_map (tenant_id, entity_type, core_id);

-- @table core_provenance control
CREATE TABLE importer.core_provenance (
    tenant_id       text COLLATE "C" NOT NULL,
    entity_type     text COLLATE "C" NOT NULL,
    core_id         bigint NOT NULL,
    fingerprint     bytea NOT NULL,
    source          text COLLATE "C" NOT NULL,
    effective_at    timestamptz,
    run_id          bigint NOT NULL,
    sequence_number bigint,
    load_action     text NOT NULL CHECK (load_action IN ('created', 'updated', 'reactivated', 'soft_deleted', 'no_change', 'skipped_duplicate')),
    fields_json     jsonb,
    PRIMARY KEY (tenant_id, entity_type, core_id)
) WITH (fillfactor = 90);

-- @table change_log control
CREATE TABLE importer.change_log (
    tenant_id       text COLLATE "C" NOT NULL,
    run_id          bigint NOT NULL,
    entity_type     text COLLATE "C" NOT NULL,
    core_id         bigint NOT NULL,
    field_name      text COLLATE "C" NOT NULL CHECK (field_name <> ''),
    ordinal         bigint NOT NULL DEFAULT 0,
    before_value    text,
    after_value     text,
    winner          text,
    loser           text,
    reason          text,
    provenance_json jsonb,
    verified_at     timestamptz,
    source_run_id   bigint,
    sequence_number bigint,
    ingest_version  bigint,
    changed_by      text,
    changed_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, run_id, entity_type, core_id, field_name, ordinal)
);
CREATE INDEX change_log_core ON importer.change_log (tenant_id, entity_type, core_id);

-- @table audit control
CREATE TABLE importer.audit (
    tenant_id    text COLLATE "C" NOT NULL,
    id           bigint GENERATED ALWAYS AS IDENTITY,
    action       text NOT NULL CHECK (action <> ''),
    actor        text NOT NULL,
    target_type  text,
    target_id    text,
    run_id       bigint,
    details_json jsonb NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);

-- @table namespaces control
CREATE TABLE importer.namespaces (
    tenant_id       text COLLATE "C" NOT NULL,
    external_system text COLLATE "C" NOT NULL CHECK (external_system <> ''),
    status          text NOT NULL DEFAULT 'seen' CHECK (status IN ('seen', 'approved', 'refused')),
    first_run_id    bigint,
    first_seen_at   timestamptz NOT NULL DEFAULT now(),
    decided_at      timestamptz,
    decided_by      text,
    PRIMARY KEY (tenant_id, external_system)
);
