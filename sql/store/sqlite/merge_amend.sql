-- What a merge found and left, after it was made anew around another one that was taken back.
UPDATE merge_log
   SET before_json = $3, after_json = $4, undo_json = $5
 WHERE tenant_id = $1 AND id = $2 AND status = 'merged'
