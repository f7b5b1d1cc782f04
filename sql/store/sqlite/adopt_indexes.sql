-- Whole indexes of a table, the primary key among them: unique, and its columns as a JSON list.
SELECT "unique", columns FROM (
    SELECT l."unique", l.seq,
           (SELECT json_group_array(name) FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) AS columns
      FROM pragma_index_list($1) l
     WHERE l.partial = 0
    UNION ALL
    SELECT 1, -1, json_group_array(name) FROM (SELECT name FROM pragma_table_xinfo($1) WHERE pk > 0 ORDER BY pk))
 ORDER BY seq
