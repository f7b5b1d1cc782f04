-- Suggestions that spoke of a row of core speak of the one that it went into.
UPDATE importer.dedupe_suggestions
   SET core_id = CASE WHEN core_id = $3 THEN $4 ELSE core_id END,
       other_core_id = CASE WHEN other_core_id = $3 THEN $4 ELSE other_core_id END,
       updated_at = now()
 WHERE tenant_id = $1 AND id = $2
