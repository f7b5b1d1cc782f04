-- Ranges taken before by this run, entity and round.
SELECT first_id, id_count
  FROM importer.id_ranges
 WHERE tenant_id = $1 AND run_id = $2 AND entity = $3 AND round = $4
 ORDER BY ordinal
