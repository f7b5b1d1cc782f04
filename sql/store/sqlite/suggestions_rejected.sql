-- Pairs that somebody rejected, with what spoke for them then.
SELECT id, core_id, other_core_id, match_type, reason, features_json
  FROM dedupe_suggestions
 WHERE tenant_id = $1 AND entity_type = $2 AND decision = 'rejected' AND other_core_id IS NOT NULL
 ORDER BY id
