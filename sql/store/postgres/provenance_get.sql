-- Who wrote a row of core last.
SELECT fingerprint, source, effective_at, run_id, sequence_number, load_action, fields_json
  FROM importer.core_provenance
 WHERE tenant_id = $1 AND entity_type = $2 AND core_id = $3
