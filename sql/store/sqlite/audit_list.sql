-- Who did what, newest first, below a given id. An absent filter is NULL; `days` ($7) counts back from the store's clock.
SELECT id, created_at, action, actor, target_type, target_id, run_id, details_json
  FROM audit
 WHERE tenant_id = $1
   AND ($2 IS NULL OR action = $2)
   AND ($3 IS NULL OR actor = $3)
   AND ($4 IS NULL OR run_id = $4)
   AND ($5 IS NULL OR target_type = $5)
   AND ($6 IS NULL OR target_id = $6)
   AND ($7 IS NULL OR created_at >= CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000 - $7 * 86400000000)
   AND ($8 IS NULL OR created_at >= $8)
   AND id < $9
 ORDER BY id DESC
 LIMIT $10
