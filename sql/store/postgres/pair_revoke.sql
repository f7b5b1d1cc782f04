-- A verdict about two records counts no more.
UPDATE importer.match_decisions
   SET revoked_at = now()
 WHERE tenant_id = $1 AND core_table = $2 AND one_system = $3 AND one_id = $4 AND other_system = $5 AND other_id = $6
   AND revoked_at IS NULL
