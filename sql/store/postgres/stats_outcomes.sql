-- How edited rows ended in the last days.
SELECT details_json ->> 'outcome', count(*)::bigint
  FROM importer.audit
 WHERE tenant_id = $1 AND action = 'ROW_REMEDIATED' AND created_at >= now() - $2::bigint * interval '1 day'
 GROUP BY 1
 ORDER BY 1
