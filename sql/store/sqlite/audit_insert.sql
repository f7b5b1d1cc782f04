-- Who did what.
INSERT INTO audit (tenant_id, action, actor, target_type, target_id, run_id, details_json)
VALUES ($1, $2, $3, $4, $5, $6, $7)
