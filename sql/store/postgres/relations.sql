-- Names of tables and views in one schema, given as a quoted name.
SELECT c.relname::text
  FROM pg_catalog.pg_class c
 WHERE c.relnamespace = to_regnamespace($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
