-- Committed chunks of a run, in order.
SELECT entity, round, chunk, attempt, lease_epoch, changes, applied, refused, detail_json, committed_at
  FROM importer.load_ledger
 WHERE tenant_id = $1 AND run_id = $2
 ORDER BY entity, round, chunk
