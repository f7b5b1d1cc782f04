-- Columns of a table: name, declared type, base type, required, default, part of the key.
SELECT name, type, upper(type), "notnull" OR pk > 0, dflt_value, pk > 0 FROM pragma_table_xinfo($1) ORDER BY cid
