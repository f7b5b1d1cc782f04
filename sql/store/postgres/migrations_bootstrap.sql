-- Where the applied migrations are written down. Runs under the migration lock.
CREATE SCHEMA IF NOT EXISTS importer;
CREATE TABLE IF NOT EXISTS importer.schema_migrations (
    version      bigint PRIMARY KEY,
    name         text NOT NULL,
    checksum     text NOT NULL,
    core_schema  text NOT NULL,
    adopted_json text NOT NULL DEFAULT '[]',
    applied_at   timestamptz NOT NULL DEFAULT now()
);
