-- Whether a table is a plain one that keeps every row it takes: no triggers, no constraint that says what happens in place of an
-- error.
SELECT EXISTS (
    SELECT 1
      FROM main.sqlite_schema t
     WHERE t.type = 'table' AND t.name = $1 COLLATE NOCASE AND t.sql LIKE 'create table%' AND t.sql NOT LIKE '%on%conflict%'
       AND NOT EXISTS (SELECT 1 FROM main.sqlite_schema g WHERE g.type = 'trigger' AND g.tbl_name = t.name COLLATE NOCASE))
