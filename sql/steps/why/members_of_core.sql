-- Rows of the run that belong to one core row, the first of them.
SELECT sequence_number, outcome, match_type, count(*) OVER () AS members
FROM {links}
WHERE run_id = $run_id AND round = $round AND core_id = $core_id
ORDER BY sequence_number
LIMIT 20
