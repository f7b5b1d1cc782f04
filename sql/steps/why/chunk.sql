-- The chunk of a round that holds the change at a position; none when it was not committed.
SELECT chunk, attempt, changes, applied, refused, committed_at
FROM (
  SELECT *, sum(changes) OVER (ORDER BY chunk ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS up_to
  FROM store.load_ledger
  WHERE run_id = $run_id AND entity = $entity AND round = $round
)
WHERE up_to - changes <= $position AND $position < up_to
