-- Two rows of core became one.
INSERT INTO merge_log
       (tenant_id, run_id, entity_type, core_table, winner_id, loser_id, suggestion_id, before_json, after_json, undo_json,
        model_hash, score, reason, decided_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
RETURNING id
