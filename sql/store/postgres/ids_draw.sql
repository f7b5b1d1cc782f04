-- Numbers of the table's own sequence, taken one by one so that the host application may take some meanwhile, and
-- pressed into runs of neighbours. They rise within the statement, so number minus place is the same within a run.
WITH drawn AS MATERIALIZED (
    SELECT nextval((SELECT pg_get_serial_sequence($1, $3)::regclass)) AS id FROM generate_series(1, $2)
),
placed AS (
    SELECT id, id - row_number() OVER () AS island FROM drawn
)
SELECT min(id), count(*)::bigint, max(id) - min(id) + 1 = count(*)
  FROM placed
 GROUP BY island
 ORDER BY 1
