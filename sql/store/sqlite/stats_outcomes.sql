-- How edited rows ended in the last days.
SELECT json_extract(details_json, '$.outcome'), count(*)
  FROM audit
 WHERE tenant_id = $1 AND action = 'ROW_REMEDIATED'
   AND created_at >= CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000 - $2 * 86400000000
 GROUP BY 1
 ORDER BY 1
