-- Rows that another run has, with that run and how far it is.
SELECT p.origin_run_id, p.origin_file_number, p.origin_line_number, p.run_id, r.status, p.promoted_at IS NOT NULL
  FROM importer.row_promotions p
  JOIN pg_temp.remedy_rows x
    ON x.run_id = p.origin_run_id AND x.file_number = p.origin_file_number AND x.line_number = p.origin_line_number
  JOIN importer.import_runs r ON r.tenant_id = p.tenant_id AND r.id = p.run_id
 WHERE p.tenant_id = $1
   AND p.run_id <> $2
   AND r.status <> 'rolled_back'
   AND (p.promoted_at IS NOT NULL OR r.status NOT IN ('failed', 'cancelled'))
 ORDER BY 1, 2, 3
 LIMIT $3
