-- Merges in a core table, of one row of it or of one run if asked for, oldest first.
SELECT id, run_id, entity_type, core_table, winner_id, loser_id, suggestion_id, status, reason, decided_by, merged_at, undone_by, undone_at, undone_run_id
  FROM merge_log
 WHERE tenant_id = $1
   AND ($2 IS NULL OR core_table = $2)
   AND ($3 IS NULL OR winner_id = $3 OR loser_id = $3)
   AND ($4 IS NULL OR run_id = $4)
 ORDER BY id
