-- Precision and scale of columns: table and number of each, in the order in which they are asked for.
SELECT CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END::bigint
  FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS w(relation, number, place)
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = w.relation::oid AND a.attnum = w.number
  LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
 ORDER BY w.place
