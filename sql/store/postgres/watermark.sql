-- The newest watermark of a partition that counts: its run has succeeded, and so have all that it read on from.
WITH RECURSIVE counting AS (
    SELECT w.run_id, w.watermark
      FROM importer.source_watermarks w
      JOIN importer.import_runs r ON r.tenant_id = w.tenant_id AND r.id = w.run_id
     WHERE w.after_run_id IS NULL AND w.partition_key = $4 AND w.tenant_id = $1
       AND r.source = $2 AND r.entity = $3 AND r.status = 'succeeded' AND NOT r.dry_run
     UNION
    SELECT w.run_id, w.watermark
      FROM counting c
      JOIN importer.source_watermarks w ON w.after_run_id = c.run_id AND w.partition_key = $4 AND w.tenant_id = $1
      JOIN importer.import_runs r ON r.tenant_id = w.tenant_id AND r.id = w.run_id
     WHERE r.source = $2 AND r.entity = $3 AND r.status = 'succeeded' AND NOT r.dry_run
)
SELECT run_id, watermark FROM counting ORDER BY run_id DESC LIMIT 1
