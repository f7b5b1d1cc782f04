-- The links that change, once as they were found and once as they are left. Packed while they are gathered: a list of
-- plain values, whose memory is counted once.
WITH gathered AS (
  SELECT core_id,
         array_agg(row_pack(named_struct('external_system', external_system, 'external_id', external_id, 'is_synthetic', is_synthetic,
                              'checksum', CASE WHEN op <> 'delete' THEN link['last_checksum'] END,
                              'effective_at', CASE WHEN op <> 'delete' THEN link['last_effective_at'] END,
                              'ingest_version', CASE WHEN op <> 'delete' THEN link['ingest_version'] END,
                              'sequence_number', seq, 'is_active', op <> 'delete' AND link['is_active'],
                              'deleted_reason', CASE WHEN op <> 'delete' THEN link['upstream_deleted_reason'] END,
                              'seen_only', false, 'was', found))) AS links,
         array_agg(row_pack(named_struct('external_system', external_system, 'external_id', external_id, 'link', link)))
           FILTER (WHERE op <> 'delete') AS links_after
  FROM link_results
  WHERE op IN ('delete', 'restore', 'insert')
  GROUP BY core_id
)
SELECT core_id,
       row_unpack_list(links, named_struct(
         'external_system', CAST(NULL AS VARCHAR), 'external_id', CAST(NULL AS VARCHAR), 'is_synthetic', CAST(NULL AS BOOLEAN),
         'checksum', arrow_cast(NULL, 'Binary'), 'effective_at', {no_time},
         'ingest_version', CAST(NULL AS BIGINT), 'sequence_number', CAST(NULL AS BIGINT),
         'is_active', CAST(NULL AS BOOLEAN), 'deleted_reason', CAST(NULL AS VARCHAR),
         'seen_only', CAST(NULL AS BOOLEAN), 'was', {link})) AS links,
       row_unpack_list(links_after, named_struct(
         'external_system', CAST(NULL AS VARCHAR), 'external_id', CAST(NULL AS VARCHAR), 'link', {link})) AS links_after
FROM gathered
