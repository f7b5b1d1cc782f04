-- In the transaction of a write: true while the epoch is ours; it cannot change before the transaction ends.
SELECT lease_epoch = $3 FROM import_runs WHERE tenant_id = $1 AND id = $2
