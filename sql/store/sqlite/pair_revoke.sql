-- A verdict about two records counts no more.
UPDATE match_decisions
   SET revoked_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1 AND core_table = $2 AND one_system = $3 AND one_id = $4 AND other_system = $5 AND other_id = $6
   AND revoked_at IS NULL
