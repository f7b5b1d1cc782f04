-- The links of a chunk, one row per external id; seen_only links were met again and carry nothing new.
SELECT CAST($tenant AS VARCHAR) AS tenant_id, CAST($entity AS VARCHAR) AS entity_type,
       l['external_system'] AS external_system, l['external_id'] AS external_id, core_id,
       l['is_active'] AS is_active, l['is_synthetic'] AS is_synthetic,
       arrow_cast($loaded_at, 'Timestamp(Microsecond, Some("UTC"))') AS first_seen_at, arrow_cast($loaded_at, 'Timestamp(Microsecond, Some("UTC"))') AS last_seen_at, CAST($run_id AS BIGINT) AS run_id, CAST($run_id AS BIGINT) AS last_run_id,
       l['checksum'] AS last_checksum, l['effective_at'] AS last_effective_at, l['ingest_version'] AS ingest_version,
       CASE WHEN NOT l['is_active'] THEN l['effective_at'] END AS deactivated_at,
       l['deleted_reason'] AS upstream_deleted_reason,
       action, l['seen_only'] AS seen_only
FROM (SELECT action, core_id, unnest(links) AS l FROM chunk)
