-- Approved or refused by a person.
UPDATE importer.namespaces
   SET status = $3, decided_at = now(), decided_by = $4
 WHERE tenant_id = $1 AND external_system = $2
