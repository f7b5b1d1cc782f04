-- Who wrote a core row last, and per field only what differs from that.
SELECT run_id, sequence_number, load_action, source, effective_at, fields_json
FROM store.core_provenance
WHERE entity_type = $entity AND core_id = $core_id
