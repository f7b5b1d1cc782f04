-- The core row that an external id stands for now.
SELECT core_id, is_active, is_synthetic, first_seen_at, run_id AS first_run_id, last_seen_at, last_run_id,
       last_effective_at, encode(last_checksum, 'hex') AS last_checksum, deactivated_at, upstream_deleted_reason
FROM store.external_id_map
WHERE entity_type = $entity AND external_system = $system AND external_id = $id
