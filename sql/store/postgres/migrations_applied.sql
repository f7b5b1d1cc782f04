-- Applied migrations, oldest first.
SELECT version, name, checksum, core_schema, adopted_json, applied_at FROM importer.schema_migrations ORDER BY version
