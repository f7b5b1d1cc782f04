-- Approved or refused by a person.
UPDATE namespaces
   SET status = $3, decided_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000, decided_by = $4
 WHERE tenant_id = $1 AND external_system = $2
