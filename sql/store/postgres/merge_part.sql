-- Two rows of core that were one are two again.
UPDATE importer.merge_log
   SET status = $3, undone_by = $4, undone_at = now(), undone_run_id = $5, undo_json = $6::jsonb
 WHERE tenant_id = $1 AND id = $2 AND status = 'merged'
