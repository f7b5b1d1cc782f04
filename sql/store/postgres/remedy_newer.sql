-- Held rows whose link was seen in a later run, with a version that is not older.
SELECT k.run_id, k.file_number, k.line_number, max(m.last_run_id)
  FROM pg_temp.remedy_links k
  JOIN importer.external_id_map m
    ON m.tenant_id = $1 AND m.entity_type = $2
   AND m.external_system = k.link_system AND m.external_id = k.link_id
 WHERE m.last_run_id > k.run_id
   AND (m.last_effective_at IS NULL OR m.last_effective_at >= k.effective_at)
 GROUP BY k.run_id, k.file_number, k.line_number
