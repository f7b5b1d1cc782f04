-- How far a run has read, from a document.
INSERT INTO source_watermarks (tenant_id, run_id, partition_key, partition_name, watermark, after_run_id)
SELECT $1, $2, value ->> 'partition_key', value ->> 'partition_name', value ->> 'watermark', value ->> 'after_run_id'
  FROM json_each($3)
 WHERE true
ON CONFLICT (partition_key, run_id, tenant_id) DO UPDATE
   SET partition_name = excluded.partition_name, watermark = excluded.watermark, after_run_id = excluded.after_run_id
