-- What becomes known of a run while it goes: its namespace, mapping and project bundle.
UPDATE importer.import_runs
   SET external_system = coalesce($3, external_system),
       mapping_version = coalesce($4, mapping_version),
       project_hash = coalesce($5, project_hash),
       updated_at = now()
 WHERE tenant_id = $1 AND id = $2
