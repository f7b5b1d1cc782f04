-- Which of these contents a source has loaded, and the last run that did.
SELECT i.content_hash, max(i.run_id)
  FROM json_each($4) w
  JOIN run_inputs i ON i.content_hash = w.value AND i.tenant_id = $1
  JOIN import_runs r ON r.tenant_id = i.tenant_id AND r.id = i.run_id
 WHERE r.source = $2 AND r.entity = $3 AND r.status = 'succeeded' AND r.dry_run = 0
 GROUP BY i.content_hash
