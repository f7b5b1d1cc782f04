-- What was suggested about two core rows, the last word first, with what a score was made of.
SELECT id, run_id, sequence_number, match_type, reason, score, confidence_score, rule, model_hash, features_json, decision, decided_by, decided_at
FROM store.dedupe_suggestions
WHERE entity_type = $entity AND ((core_id = $one AND other_core_id = $other) OR (core_id = $other AND other_core_id = $one))
ORDER BY id DESC
