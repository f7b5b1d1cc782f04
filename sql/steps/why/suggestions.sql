-- What was suggested about an external id, and what was decided.
SELECT id, run_id, sequence_number, match_type, reason, core_id, other_core_id, confidence_score, decision, decided_by, decided_at
FROM store.dedupe_suggestions
WHERE entity_type = $entity AND link_system = $system AND link_id = $id
ORDER BY id
