-- Core rows that have a link which the run did not leave like this: another run's, or another content.
SELECT f.core_id,
       bool_or(x.core_id IS NULL
               OR (f.last_checksum IS DISTINCT FROM x.became['last_checksum'])
               OR (f.last_effective_at IS DISTINCT FROM x.became['last_effective_at'])
               OR (f.is_active IS DISTINCT FROM x.became['is_active'])) AS differs,
       max(CASE WHEN x.core_id IS NULL OR (f.last_checksum IS DISTINCT FROM x.became['last_checksum'])
                  OR (f.last_effective_at IS DISTINCT FROM x.became['last_effective_at'])
                  OR (f.is_active IS DISTINCT FROM x.became['is_active']) THEN f.last_run_id END) AS run_id
FROM found_links f
LEFT JOIN undo_links x ON x.core_id = f.core_id AND x.external_system = f.external_system AND x.external_id = f.external_id
                      AND x.became IS NOT NULL
GROUP BY f.core_id
