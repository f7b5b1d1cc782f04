-- Written in the migration's own transaction.
INSERT INTO importer.schema_migrations (version, name, checksum, core_schema, adopted_json) VALUES ($1, $2, $3, $4, $5)
