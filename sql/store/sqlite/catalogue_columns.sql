-- Columns of a table or view, with their declared types.
SELECT name, type FROM pragma_table_xinfo($1) ORDER BY cid
