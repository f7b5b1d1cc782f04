-- Suggestions that spoke of a row of core speak of the one that it went into.
UPDATE dedupe_suggestions
   SET core_id = CASE WHEN core_id = $3 THEN $4 ELSE core_id END,
       other_core_id = CASE WHEN other_core_id = $3 THEN $4 ELSE other_core_id END,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1 AND id = $2
