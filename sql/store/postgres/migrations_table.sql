-- The columns of the table of applied migrations; none when it is not there.
SELECT a.attname::text
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = to_regclass('importer.schema_migrations') AND a.attnum > 0 AND NOT a.attisdropped
