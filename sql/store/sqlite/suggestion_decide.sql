-- What was decided about a suggestion that somebody may still decide about.
UPDATE dedupe_suggestions
   SET decision = $3, decided_by = $4, decided_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000, deferred_until = $5, updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1 AND id = $2 AND decision IN ('pending', 'deferred')
