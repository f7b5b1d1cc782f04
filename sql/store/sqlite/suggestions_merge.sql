-- Suggestions from the temporary table; one that is known, and perhaps decided, is left alone.
INSERT INTO dedupe_suggestions
       (tenant_id, entity_type, natural_key, run_id, sequence_number, link_system, link_id, core_id, other_core_id,
        match_type, reason, score, confidence_score, features_json, decision, pattern, rule, model_hash,
        reopened_from, decided_at)
SELECT tenant_id, entity_type, natural_key, run_id, sequence_number, link_system, link_id, core_id, other_core_id,
       match_type, reason, score, confidence_score, features_json, decision, pattern, rule, model_hash,
       reopened_from,
       CASE WHEN decision IN ('auto_resolved', 'auto_merged')
            THEN CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000 END
  FROM temp.suggestions_in
 WHERE true
 ORDER BY ordinal
ON CONFLICT DO NOTHING
