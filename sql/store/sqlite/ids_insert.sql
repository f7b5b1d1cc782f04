-- One range, committed before its first id is used.
INSERT INTO id_ranges (tenant_id, run_id, entity, round, ordinal, first_id, id_count)
VALUES ($1, $2, $3, $4, $5, $6, $7)
