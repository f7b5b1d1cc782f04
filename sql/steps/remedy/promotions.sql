-- Rows that a run has or has promoted; what a run claimed that failed, was given up or rolled back is free again.
SELECT p.origin_run_id, p.origin_file_number, p.origin_line_number
FROM row_promotions p
JOIN import_runs r ON r.id = p.run_id
WHERE r.status <> 'rolled_back'
  AND (p.promoted_at IS NOT NULL OR r.status NOT IN ('failed', 'cancelled'))
