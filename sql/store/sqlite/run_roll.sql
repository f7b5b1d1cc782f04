-- A run is rolled back, or stands again. When it ran stays as it is.
UPDATE import_runs
   SET status = $4,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       updated_by = $5
 WHERE tenant_id = $1 AND id = $2 AND status = $3
