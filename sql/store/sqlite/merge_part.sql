-- Two rows of core that were one are two again.
UPDATE merge_log
   SET status = $3, undone_by = $4, undone_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000, undone_run_id = $5, undo_json = $6
 WHERE tenant_id = $1 AND id = $2 AND status = 'merged'
