-- What was decided about a suggestion that somebody may still decide about.
UPDATE importer.dedupe_suggestions
   SET decision = $3, decided_by = $4, decided_at = now(), deferred_until = $5::timestamptz, updated_at = now()
 WHERE tenant_id = $1 AND id = $2 AND decision IN ('pending', 'deferred')
