-- Columns of the table $1 that are empty unless somebody fills them.
SELECT a.attname::text
  FROM pg_catalog.pg_attribute a
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
   AND NOT a.attnotnull AND a.attidentity = '' AND d.adrelid IS NULL
 ORDER BY a.attnum
