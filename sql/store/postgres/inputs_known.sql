-- Which of these contents a source has loaded, and the last run that did.
SELECT i.content_hash, max(i.run_id)
  FROM jsonb_array_elements_text($4::jsonb) AS w(hash)
  JOIN importer.run_inputs i ON i.content_hash = w.hash AND i.tenant_id = $1
  JOIN importer.import_runs r ON r.tenant_id = i.tenant_id AND r.id = i.run_id
 WHERE r.source = $2 AND r.entity = $3 AND r.status = 'succeeded' AND NOT r.dry_run
 GROUP BY i.content_hash
