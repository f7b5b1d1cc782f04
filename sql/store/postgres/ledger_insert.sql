-- One committed chunk, in the chunk's own transaction.
INSERT INTO importer.load_ledger
       (tenant_id, run_id, entity, round, chunk, attempt, lease_epoch, changes, applied, refused, detail_json)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::jsonb)
