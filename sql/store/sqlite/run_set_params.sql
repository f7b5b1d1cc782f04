-- What becomes known of a run while it goes: its namespace, mapping and project bundle.
UPDATE import_runs
   SET external_system = coalesce($3, external_system),
       mapping_version = coalesce($4, mapping_version),
       project_hash = coalesce($5, project_hash),
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1 AND id = $2
