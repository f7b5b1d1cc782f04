-- A suggestion whose merge was taken back: the two are known not to be one, or nobody knows.
UPDATE importer.dedupe_suggestions
   SET decision = $3, decided_by = $4, decided_at = now(), updated_at = now()
 WHERE tenant_id = $1 AND id = $2 AND decision = 'merged'
