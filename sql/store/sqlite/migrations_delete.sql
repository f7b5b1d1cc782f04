-- Deleted in the transaction that takes the migration back.
DELETE FROM schema_migrations WHERE version = $1
