-- A chunk of a round; none when it was not committed.
SELECT chunk, attempt, changes, applied, refused, committed_at
FROM store.load_ledger
WHERE run_id = $run_id AND entity = $entity AND round = $round AND chunk = $chunk
