-- Suggestions that speak of a row of core.
SELECT id, core_id, other_core_id, decision
  FROM dedupe_suggestions
 WHERE tenant_id = $1 AND entity_type = $2 AND (core_id = $3 OR other_core_id = $3)
 ORDER BY id
