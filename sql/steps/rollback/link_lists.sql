-- The links that change, once as they were found and once as they are left.
SELECT core_id,
       array_agg(named_struct('external_system', external_system, 'external_id', external_id, 'is_synthetic', is_synthetic,
                              'checksum', arrow_cast(CASE WHEN op <> 'delete' THEN link['last_checksum'] END, 'FixedSizeBinary(16)'),
                              'effective_at', CASE WHEN op <> 'delete' THEN link['last_effective_at'] END,
                              'ingest_version', CASE WHEN op <> 'delete' THEN link['ingest_version'] END,
                              'sequence_number', seq, 'is_active', op <> 'delete' AND link['is_active'],
                              'deleted_reason', CASE WHEN op <> 'delete' THEN link['upstream_deleted_reason'] END,
                              'seen_only', false, 'was', found)
                 ORDER BY external_system, external_id) AS links,
       array_agg(named_struct('external_system', external_system, 'external_id', external_id, 'link', link)
                 ORDER BY external_system, external_id) FILTER (WHERE op <> 'delete') AS links_after
FROM link_results
WHERE op IN ('delete', 'restore', 'insert')
GROUP BY core_id
