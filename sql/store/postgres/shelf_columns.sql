-- Columns of the table named by a quoted name that a row can be put back with: name, and type as it is written in a cast.
SELECT a.attname::text, format_type(a.atttypid, a.atttypmod)
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
 ORDER BY a.attnum
