-- Whether the table named by a quoted name is a plain one that keeps every row it takes: no triggers of its owner, no rules, no
-- rows that are hidden from some.
SELECT EXISTS (
    SELECT 1
      FROM pg_catalog.pg_class c
     WHERE c.oid = to_regclass($1) AND c.relkind = 'r' AND NOT c.relhasrules AND NOT c.relrowsecurity
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal))
