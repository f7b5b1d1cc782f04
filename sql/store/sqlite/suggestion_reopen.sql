-- A suggestion whose merge was taken back: the two are known not to be one, or nobody knows.
UPDATE dedupe_suggestions
   SET decision = $3, decided_by = $4, decided_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000, updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1 AND id = $2 AND decision = 'merged'
