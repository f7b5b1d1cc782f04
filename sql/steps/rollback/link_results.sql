-- What becomes of each link of the changes that are taken back.
WITH compared AS (
  SELECT x.core_id, x.seq, x.external_system, x.external_id, x.is_synthetic, x.was, x.became, j.verdict,
         t.core_id AS taken_by, f.last_run_id AS found_run, f.last_seen_at AS found_at,
         CASE WHEN f.core_id IS NOT NULL THEN {found} END AS found,
         f.core_id IS NOT NULL AS there,
         f.core_id IS NOT NULL AND (f.last_checksum IS NOT DISTINCT FROM x.became['last_checksum'])
           AND (f.last_effective_at IS NOT DISTINCT FROM x.became['last_effective_at'])
           AND (f.ingest_version IS NOT DISTINCT FROM x.became['ingest_version'])
           AND (f.is_active IS NOT DISTINCT FROM x.became['is_active'])
           AND (f.deactivated_at IS NOT DISTINCT FROM x.became['deactivated_at']) AS holds,
         f.core_id IS NOT NULL AND (f.last_checksum IS NOT DISTINCT FROM x.was['last_checksum'])
           AND (f.last_effective_at IS NOT DISTINCT FROM x.was['last_effective_at'])
           AND (f.ingest_version IS NOT DISTINCT FROM x.was['ingest_version'])
           AND (f.is_active IS NOT DISTINCT FROM x.was['is_active'])
           AND (f.deactivated_at IS NOT DISTINCT FROM x.was['deactivated_at']) AS already
  FROM undo_links x
  JOIN judged j ON j.core_id = x.core_id AND j.seq = x.seq
  LEFT JOIN found_links f ON f.core_id = x.core_id AND f.external_system = x.external_system AND f.external_id = x.external_id
  LEFT JOIN taken_links t ON t.external_system = x.external_system AND t.external_id = x.external_id
)
SELECT core_id, seq, external_system, external_id, is_synthetic, found, found_run, found_at,
       CASE WHEN verdict = 'remove' THEN CASE WHEN there THEN 'delete' ELSE 'none' END
            WHEN verdict = 'create' THEN CASE WHEN was IS NULL THEN 'none' ELSE 'insert' END
            WHEN verdict <> 'restore' OR NOT {wanted} THEN 'none'
            WHEN was IS NULL AND became IS NULL THEN 'none'
            WHEN was IS NULL THEN CASE WHEN NOT there THEN 'none' WHEN holds THEN 'delete' ELSE 'kept' END
            WHEN became IS NULL THEN CASE WHEN already THEN 'none' WHEN taken_by IS NULL THEN 'insert' ELSE 'kept' END
            WHEN holds AND already AND (found_run IS DISTINCT FROM became['last_run_id']) THEN 'none'
            WHEN holds THEN 'restore'
            WHEN already THEN 'none'
            ELSE 'kept' END AS op,
       named_struct('core_id', core_id, 'is_active', was['is_active'], 'is_synthetic', was['is_synthetic'],
                    'first_seen_at', was['first_seen_at'],
                    'last_seen_at', CASE WHEN there AND (found_run IS DISTINCT FROM became['last_run_id'])
                                         THEN found['last_seen_at'] ELSE was['last_seen_at'] END,
                    'run_id', was['run_id'],
                    'last_run_id', CASE WHEN there AND (found_run IS DISTINCT FROM became['last_run_id'])
                                        THEN found_run ELSE was['last_run_id'] END,
                    'last_checksum', was['last_checksum'], 'last_effective_at', was['last_effective_at'],
                    'ingest_version', was['ingest_version'], 'deactivated_at', was['deactivated_at'],
                    'upstream_deleted_reason', was['upstream_deleted_reason']) AS link
FROM compared
