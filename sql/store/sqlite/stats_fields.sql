-- The fields that were edited most in the last days.
SELECT f.key, count(*)
  FROM audit a, json_each(a.details_json, '$.edited_fields') f
 WHERE a.tenant_id = $1 AND a.action = 'ROW_REMEDIATED'
   AND a.created_at >= CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000 - $2 * 86400000000
 GROUP BY f.key
 ORDER BY 2 DESC, 1
 LIMIT 20
