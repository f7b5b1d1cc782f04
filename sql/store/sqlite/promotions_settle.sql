-- Rows that left quarantine are promoted, for good.
UPDATE row_promotions AS p
   SET promoted_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
  FROM temp.remedy_rows x
 WHERE p.tenant_id = $1
   AND p.run_id = $2
   AND p.promoted_at IS NULL
   AND x.promoted
   AND x.run_id = p.origin_run_id AND x.file_number = p.origin_file_number AND x.line_number = p.origin_line_number
