-- What a merge found and left, after it was made anew around another one that was taken back.
UPDATE importer.merge_log
   SET before_json = $3::jsonb, after_json = $4::jsonb, undo_json = $5::jsonb
 WHERE tenant_id = $1 AND id = $2 AND status = 'merged'
