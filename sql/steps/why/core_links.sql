-- The external ids of a core row.
SELECT external_system, external_id, is_active, is_synthetic, first_seen_at, run_id AS first_run_id, last_seen_at,
       last_run_id, last_effective_at, deactivated_at, upstream_deleted_reason
FROM store.external_id_map
WHERE entity_type = $entity AND core_id = $core_id
ORDER BY first_seen_at, external_system, external_id
