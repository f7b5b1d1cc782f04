-- Columns of a table that a row can be put back with: name, and type.
SELECT name, type FROM pragma_table_xinfo($1) WHERE hidden = 0 ORDER BY cid
