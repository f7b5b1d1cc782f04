-- The core tables of a migration that are not ours, once some that were left out are made.
UPDATE importer.schema_migrations SET adopted_json = $2 WHERE version = $1
