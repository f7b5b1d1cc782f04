-- Deleted in the transaction that takes the migration back.
DELETE FROM importer.schema_migrations WHERE version = $1
