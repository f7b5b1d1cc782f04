-- Columns of the table named by a quoted name, with the names of their types, and how a cast names them; none when there
-- is no such table.
SELECT a.attname::text,
       CASE WHEN t.typtype = 'e' THEN 'enum' ELSE t.typname::text END,
       format_type(a.atttypid, NULL)
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_type d ON d.oid = a.atttypid
  JOIN pg_catalog.pg_type t ON t.oid = CASE WHEN d.typtype = 'd' THEN d.typbasetype ELSE d.oid END
 WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
