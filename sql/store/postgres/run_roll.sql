-- A run is rolled back, or stands again. When it ran stays as it is.
UPDATE importer.import_runs
   SET status = $4,
       updated_at = now(),
       updated_by = $5
 WHERE tenant_id = $1 AND id = $2 AND status = $3
