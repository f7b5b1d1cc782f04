-- Suggestions, those of which something is known first; an absent filter is NULL.
SELECT id, entity_type, run_id, sequence_number, link_system, link_id, core_id, other_core_id, match_type, reason,
       coalesce(score, confidence_score), features_json, decision, decided_at, decided_by, created_at, deferred_until,
       reopened_from, cluster
  FROM dedupe_suggestions
 WHERE tenant_id = $1
   AND ($2 IS NULL OR entity_type = $2)
   AND ($3 IS NULL OR decision = $3)
   AND ($4 IS NULL OR match_type = $4)
   AND ($5 IS NULL OR coalesce(score, confidence_score) >= $5)
   AND ($6 IS NULL OR link_system = $6)
   AND ($7 IS NULL OR run_id = $7)
   AND ($8 IS NULL OR reason = $8)
   AND ($9 IS NULL OR cluster = $9)
   AND ($10 IS NULL OR id = $10)
 ORDER BY coalesce(score, confidence_score, 0) DESC, id
 LIMIT $11
