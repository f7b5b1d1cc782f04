-- The fields that were edited most in the last days.
SELECT f.name, count(*)::bigint
  FROM importer.audit a
 CROSS JOIN LATERAL jsonb_object_keys(a.details_json -> 'edited_fields') AS f (name)
 WHERE a.tenant_id = $1 AND a.action = 'ROW_REMEDIATED' AND a.created_at >= now() - $2::bigint * interval '1 day'
 GROUP BY f.name
 ORDER BY 2 DESC, 1
 LIMIT 20
