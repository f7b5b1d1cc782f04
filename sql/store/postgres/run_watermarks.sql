-- How far a run has read, from a document.
INSERT INTO importer.source_watermarks (tenant_id, run_id, partition_key, partition_name, watermark, after_run_id)
SELECT $1, $2, w.partition_key, w.partition_name, w.watermark, w.after_run_id
  FROM jsonb_to_recordset($3::jsonb) AS w(partition_key text, partition_name text, watermark text, after_run_id bigint)
ON CONFLICT (partition_key, run_id, tenant_id) DO UPDATE
   SET partition_name = excluded.partition_name, watermark = excluded.watermark, after_run_id = excluded.after_run_id
