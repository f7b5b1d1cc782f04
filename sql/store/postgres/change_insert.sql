-- A field of a row of core that a decision of a person changed.
INSERT INTO importer.change_log
       (tenant_id, run_id, entity_type, core_id, field_name, ordinal, before_value, after_value, winner, loser, reason,
        source_run_id, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7::text, $8::text, $9::text, $10::text, $11, $2, $12)
