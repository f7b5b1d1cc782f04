-- Whole, plain indexes of the table named by a quoted name: unique, and its key columns as a JSON list.
SELECT i.indisunique,
       (SELECT json_agg(a.attname ORDER BY k.place)::text
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
         WHERE k.place <= i.indnkeyatts)
  FROM pg_catalog.pg_index i
 WHERE i.indrelid = to_regclass($1) AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid
 ORDER BY i.indexrelid
