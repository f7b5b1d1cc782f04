-- Foreign keys that point at column $2 of the table $1: schema (none here), table, column, and the column that carries
-- the tenant.
SELECT NULL, m.name, f."from",
       (SELECT t."from" FROM pragma_foreign_key_list(m.name) t WHERE t.id = f.id AND t."to" = 'tenant_id')
  FROM sqlite_schema m
  JOIN pragma_foreign_key_list(m.name) f
 WHERE m.type = 'table' AND lower(f."table") = lower($1) AND coalesce(f."to", $2) = $2
 ORDER BY 1, 2, 3
