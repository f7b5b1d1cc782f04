-- Foreign keys that point at column $2 of the table $1: schema, table, column, and the column that carries the tenant.
SELECT n.nspname::text, c.relname::text,
       (SELECT a.attname::text FROM unnest(f.conkey, f.confkey) AS k (own, theirs)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.own
          JOIN pg_catalog.pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.theirs
         WHERE b.attname = $2) AS own_column,
       (SELECT a.attname::text FROM unnest(f.conkey, f.confkey) AS k (own, theirs)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.own
          JOIN pg_catalog.pg_attribute b ON b.attrelid = f.confrelid AND b.attnum = k.theirs
         WHERE b.attname = 'tenant_id') AS tenant_column
  FROM pg_catalog.pg_constraint f
  JOIN pg_catalog.pg_class c ON c.oid = f.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE f.contype = 'f' AND f.confrelid = to_regclass($1)
   AND EXISTS (SELECT 1 FROM pg_catalog.pg_attribute b
                WHERE b.attrelid = f.confrelid AND b.attnum = ANY (f.confkey) AND b.attname = $2)
 ORDER BY 1, 2, 3
