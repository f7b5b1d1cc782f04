-- Who wrote a row of core last, as it is to be.
INSERT INTO core_provenance
       (tenant_id, entity_type, core_id, fingerprint, source, effective_at, run_id, sequence_number, load_action, fields_json)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (tenant_id, entity_type, core_id) DO UPDATE
   SET fingerprint = excluded.fingerprint, source = excluded.source, effective_at = excluded.effective_at,
       run_id = excluded.run_id, sequence_number = excluded.sequence_number, load_action = excluded.load_action,
       fields_json = excluded.fields_json
