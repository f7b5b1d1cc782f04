-- A merge with what it found, left and moved.
SELECT id, run_id, entity_type, core_table, winner_id, loser_id, suggestion_id, status, reason, decided_by, merged_at, undone_by, undone_at, undone_run_id,
       before_json, after_json, undo_json
  FROM importer.merge_log
 WHERE tenant_id = $1 AND id = $2
