-- Who is who, decided by people: pairs that are or are not one person, and rows of core that were made one.

-- @alter dedupe_suggestions control
-- What a scored pair was made of; and of a pair that was rejected before, which suggestion that was.
-- A suggestion that is deferred comes up again at some time, or when somebody looks for it.
ALTER TABLE importer.dedupe_suggestions
    ADD COLUMN pattern       bigint,
    ADD COLUMN model_hash    text,
    ADD COLUMN rule          text,
    ADD COLUMN reopened_from bigint,
    ADD COLUMN cluster       text COLLATE "C",
    ADD COLUMN deferred_until timestamptz;
CREATE INDEX dedupe_suggestions_score ON importer.dedupe_suggestions (tenant_id, entity_type, decision, score);

-- @table match_decisions control
-- About two records, by their links: rows of core come and go, links stay. One pair has one row, the smaller link first.
CREATE TABLE importer.match_decisions (
    tenant_id     text COLLATE "C" NOT NULL,
    core_table    text COLLATE "C" NOT NULL,
    one_system    text COLLATE "C" NOT NULL,
    one_id        text COLLATE "C" NOT NULL,
    other_system  text COLLATE "C" NOT NULL,
    other_id      text COLLATE "C" NOT NULL,
    verdict       text NOT NULL CHECK (verdict IN ('same', 'different')),
    pattern       bigint,
    weight        double precision,
    suggestion_id bigint,
    run_id        bigint,
    decided_by    text,
    decided_at    timestamptz NOT NULL DEFAULT now(),
    revoked_at    timestamptz,
    PRIMARY KEY (one_id, one_system, other_id, other_system, core_table, tenant_id),
    CHECK ((one_system, one_id) < (other_system, other_id))
);
CREATE INDEX match_decisions_other ON importer.match_decisions (other_id, other_system, core_table, tenant_id);

-- @table merge_log control
-- One row per row of core that went into another one, with all that is needed to part them again.
CREATE TABLE importer.merge_log (
    tenant_id     text COLLATE "C" NOT NULL,
    id            bigint GENERATED ALWAYS AS IDENTITY,
    run_id        bigint NOT NULL,
    entity_type   text COLLATE "C" NOT NULL,
    core_table    text COLLATE "C" NOT NULL,
    winner_id     bigint NOT NULL,
    loser_id      bigint NOT NULL CHECK (loser_id <> winner_id),
    suggestion_id bigint,
    status        text NOT NULL DEFAULT 'merged' CHECK (status IN ('merged', 'undone', 'partly_undone')),
    before_json   jsonb NOT NULL,
    after_json    jsonb NOT NULL,
    undo_json     jsonb NOT NULL,
    model_hash    text,
    score         double precision,
    reason        text,
    decided_by    text NOT NULL,
    merged_at     timestamptz NOT NULL DEFAULT now(),
    undone_by     text,
    undone_at     timestamptz,
    undone_run_id bigint,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES importer.import_runs (tenant_id, id)
);
CREATE INDEX merge_log_winner ON importer.merge_log (winner_id, core_table, tenant_id);
CREATE INDEX merge_log_loser ON importer.merge_log (loser_id, core_table, tenant_id);
CREATE INDEX merge_log_run ON importer.merge_log (run_id, tenant_id);
