-- The external ids of a row of core.
SELECT entity_type, external_system, external_id, is_active, last_run_id
  FROM importer.external_id_map
 WHERE tenant_id = $1 AND entity_type = $2 AND core_id = $3
 ORDER BY external_system, external_id
