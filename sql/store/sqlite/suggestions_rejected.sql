-- Pairs that somebody rejected, with what spoke for them then; of those that were parted without a suggestion nothing did.
SELECT id, core_id, other_core_id, match_type, reason, features_json
  FROM dedupe_suggestions
 WHERE tenant_id = $1 AND entity_type = $2 AND decision = 'rejected' AND other_core_id IS NOT NULL
UNION ALL
SELECT NULL, a.core_id, b.core_id, NULL, NULL, NULL
  FROM match_decisions d
  JOIN external_id_map a
    ON a.external_id = d.one_id AND a.external_system = d.one_system AND a.entity_type = $2 AND a.tenant_id = $1
  JOIN external_id_map b
    ON b.external_id = d.other_id AND b.external_system = d.other_system AND b.entity_type = $2 AND b.tenant_id = $1
 WHERE d.tenant_id = $1 AND d.core_table = $3 AND d.verdict = 'different' AND d.revoked_at IS NULL AND d.suggestion_id IS NULL
 ORDER BY 1
