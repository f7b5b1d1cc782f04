-- A row of core that nobody wrote.
DELETE FROM core_provenance WHERE tenant_id = $1 AND entity_type = $2 AND core_id = $3
