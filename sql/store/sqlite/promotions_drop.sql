-- What a run claimed and did not promote is free again.
DELETE FROM row_promotions
 WHERE tenant_id = $1 AND run_id = $2 AND promoted_at IS NULL
