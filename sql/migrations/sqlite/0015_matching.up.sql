-- Who is who, decided by people: pairs that are or are not one person, and rows of core that were made one.

-- @alter dedupe_suggestions control
-- What a scored pair was made of; and of a pair that was rejected before, which suggestion that was.
-- A suggestion that is deferred comes up again at some time, or when somebody looks for it.
ALTER TABLE dedupe_suggestions ADD COLUMN pattern INTEGER;
ALTER TABLE dedupe_suggestions ADD COLUMN model_hash TEXT;
ALTER TABLE dedupe_suggestions ADD COLUMN rule TEXT;
ALTER TABLE dedupe_suggestions ADD COLUMN reopened_from INTEGER;
ALTER TABLE dedupe_suggestions ADD COLUMN cluster TEXT;
ALTER TABLE dedupe_suggestions ADD COLUMN deferred_until INTEGER;
CREATE INDEX dedupe_suggestions_score ON dedupe_suggestions (tenant_id, entity_type, decision, score);

-- @table match_decisions control
-- About two records, by their links: rows of core come and go, links stay. One pair has one row, the smaller link first.
CREATE TABLE match_decisions (
    tenant_id     TEXT NOT NULL,
    core_table    TEXT NOT NULL,
    one_system    TEXT NOT NULL,
    one_id        TEXT NOT NULL,
    other_system  TEXT NOT NULL,
    other_id      TEXT NOT NULL,
    verdict       TEXT NOT NULL CHECK (verdict IN ('same', 'different')),
    pattern       INTEGER,
    weight        REAL,
    suggestion_id INTEGER,
    run_id        INTEGER,
    decided_by    TEXT,
    decided_at    INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    revoked_at    INTEGER,
    PRIMARY KEY (one_id, one_system, other_id, other_system, core_table, tenant_id),
    CHECK ((one_system, one_id) < (other_system, other_id))
) STRICT, WITHOUT ROWID;
CREATE INDEX match_decisions_other ON match_decisions (other_id, other_system, core_table, tenant_id);

-- @table merge_log control
-- One row per row of core that went into another one, with all that is needed to part them again.
CREATE TABLE merge_log (
    tenant_id     TEXT NOT NULL,
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id        INTEGER NOT NULL,
    entity_type   TEXT NOT NULL,
    core_table    TEXT NOT NULL,
    winner_id     INTEGER NOT NULL,
    loser_id      INTEGER NOT NULL CHECK (loser_id <> winner_id),
    suggestion_id INTEGER,
    status        TEXT NOT NULL DEFAULT 'merged' CHECK (status IN ('merged', 'undone', 'partly_undone')),
    before_json   TEXT NOT NULL,
    after_json    TEXT NOT NULL,
    undo_json     TEXT NOT NULL,
    model_hash    TEXT,
    score         REAL,
    reason        TEXT,
    decided_by    TEXT NOT NULL,
    merged_at     INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    undone_by     TEXT,
    undone_at     INTEGER,
    undone_run_id INTEGER,
    FOREIGN KEY (tenant_id, run_id) REFERENCES import_runs (tenant_id, id)
) STRICT;
CREATE INDEX merge_log_winner ON merge_log (winner_id, core_table, tenant_id);
CREATE INDEX merge_log_loser ON merge_log (loser_id, core_table, tenant_id);
CREATE INDEX merge_log_run ON merge_log (run_id, tenant_id);
