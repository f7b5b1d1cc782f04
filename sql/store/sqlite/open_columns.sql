-- Columns of the table $1 that are empty unless somebody fills them.
SELECT name
  FROM pragma_table_info($1)
 WHERE "notnull" = 0 AND dflt_value IS NULL AND pk = 0
 ORDER BY cid
