-- Who did what, newest first, below a given id. An absent filter is NULL; `days` ($7) counts back from the store's clock.
SELECT id, created_at, action, actor, target_type, target_id, run_id, details_json
  FROM importer.audit
 WHERE tenant_id = $1
   AND ($2::text IS NULL OR action = $2)
   AND ($3::text IS NULL OR actor = $3)
   AND ($4::bigint IS NULL OR run_id = $4)
   AND ($5::text IS NULL OR target_type = $5)
   AND ($6::text IS NULL OR target_id = $6)
   AND ($7::bigint IS NULL OR created_at >= now() - $7::bigint * interval '1 day')
   AND ($8::timestamptz IS NULL OR created_at >= $8)
   AND id < $9
 ORDER BY id DESC
 LIMIT $10
