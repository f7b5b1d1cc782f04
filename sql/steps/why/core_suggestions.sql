-- What was suggested about a core row, and what was decided. Two questions, so that the database can answer each by itself.
SELECT id, run_id, sequence_number, match_type, reason, core_id, other_core_id, confidence_score, decision, decided_by, decided_at
FROM store.dedupe_suggestions
WHERE entity_type = $entity AND core_id = $core_id
UNION ALL
SELECT id, run_id, sequence_number, match_type, reason, core_id, other_core_id, confidence_score, decision, decided_by, decided_at
FROM store.dedupe_suggestions
WHERE entity_type = $entity AND other_core_id = $core_id AND (core_id IS DISTINCT FROM $core_id)
ORDER BY id
