-- What stays, told apart by who did it: a later run whose change log speaks of the field, or somebody else.
WITH last AS (
  SELECT core_id, field_name, max(run_id) AS run_id, max(changed_at) AS at
  FROM later_log
  GROUP BY core_id, field_name
), told AS (
  SELECT k.core_id, k.seq, k.field,
         CASE WHEN k.reason <> 'since' THEN k.reason WHEN l.run_id IS NOT NULL THEN 'changed_by_run' ELSE 'edited' END AS reason,
         coalesce(k.run_id, l.run_id) AS by_run, k.who, coalesce(l.at, k.at) AS at
  FROM kept k
  LEFT JOIN last l ON k.reason = 'since' AND l.core_id = k.core_id AND l.field_name = k.field
)
SELECT CAST({run} AS BIGINT) AS undone_run_id, {entity} AS entity, t.core_id, t.seq AS sequence_number, t.field, t.reason,
       t.by_run, coalesce(t.who, r.who, CASE WHEN t.reason = 'edited' THEN 'host' END) AS who,
       -- The host application need not touch the time of a row: a time that the run itself wrote says nothing.
       CASE WHEN t.reason = 'edited' AND t.at <= arrow_cast(CAST({written_at} AS BIGINT), 'Timestamp(Microsecond, Some("UTC"))') THEN NULL
            ELSE coalesce(t.at, r.at) END AS at
FROM told t
LEFT JOIN later_runs r ON r.id = t.by_run
ORDER BY t.core_id, t.field
