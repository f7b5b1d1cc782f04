-- What was suggested about a core row, and what was decided.
SELECT id, run_id, sequence_number, match_type, reason, core_id, other_core_id, confidence_score, decision, decided_by, decided_at
FROM store.dedupe_suggestions
WHERE entity_type = $entity AND (core_id = $core_id OR other_core_id = $core_id)
ORDER BY id
