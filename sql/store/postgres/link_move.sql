-- An external id belongs to another row of core. With $6 false, what its record says is looked at when it comes again.
UPDATE importer.external_id_map
   SET core_id = $5, last_checksum = CASE WHEN $6 THEN last_checksum END
 WHERE tenant_id = $1 AND entity_type = $2 AND external_system = $3 AND external_id = $4
