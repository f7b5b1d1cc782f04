-- Merges that a core row won or lost. Two questions, so that the database can answer each by itself.
SELECT id, run_id, winner_id, loser_id, status, reason, decided_by, merged_at, undone_by, undone_at, undone_run_id
FROM store.merge_log
WHERE core_table = $core_table AND winner_id = $core_id
UNION ALL
SELECT id, run_id, winner_id, loser_id, status, reason, decided_by, merged_at, undone_by, undone_at, undone_run_id
FROM store.merge_log
WHERE core_table = $core_table AND loser_id = $core_id
ORDER BY id
