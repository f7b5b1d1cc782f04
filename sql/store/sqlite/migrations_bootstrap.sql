-- Where the applied migrations are written down. Runs under the file's write lock.
CREATE TABLE IF NOT EXISTS schema_migrations (
    version      INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    checksum     TEXT NOT NULL,
    core_schema  TEXT NOT NULL,
    adopted_json TEXT NOT NULL DEFAULT '[]',
    applied_at   INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000)
) STRICT;
