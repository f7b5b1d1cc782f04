-- What a run made of each link: `was` before, `became` after. Links that were only met again carry nothing to take
-- back. A row that was older than what the link had loaded changed nothing but the sighting.
SELECT core_id, seq, external_system, external_id, is_synthetic, was,
       named_struct('core_id', core_id,
                    'is_active', CASE WHEN newer THEN l['is_active'] ELSE was['is_active'] END,
                    'is_synthetic', is_synthetic,
                    'first_seen_at', coalesce(was['first_seen_at'], {at}), 'last_seen_at', {at},
                    'run_id', coalesce(was['run_id'], CAST({run} AS BIGINT)), 'last_run_id', CAST({run} AS BIGINT),
                    'last_checksum', CASE WHEN newer THEN arrow_cast(l['checksum'], 'Binary') ELSE was['last_checksum'] END,
                    'last_effective_at', CASE WHEN newer THEN l['effective_at'] ELSE was['last_effective_at'] END,
                    'ingest_version', CASE WHEN newer THEN l['ingest_version'] ELSE was['ingest_version'] END,
                    'deactivated_at', CASE WHEN NOT newer THEN was['deactivated_at']
                                           WHEN NOT l['is_active'] THEN l['effective_at'] END,
                    'upstream_deleted_reason', CASE WHEN newer THEN l['deleted_reason']
                                                    ELSE was['upstream_deleted_reason'] END) AS became
FROM (
  SELECT core_id, seq, l, l['external_system'] AS external_system, l['external_id'] AS external_id,
         l['is_synthetic'] AS is_synthetic, l['was'] AS was,
         coalesce(l['effective_at'] >= l['was']['last_effective_at'], true) AS newer
  FROM (SELECT core_id, lead_sequence_number AS seq, unnest(links) AS l FROM taken)
)
WHERE NOT l['seen_only']
