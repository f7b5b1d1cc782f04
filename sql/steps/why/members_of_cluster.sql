-- Rows of the run that are one new person, the first of them.
SELECT sequence_number, outcome, match_type, count(*) OVER () AS members
FROM {links}
WHERE run_id = $run_id AND round = $round AND cluster_id = $cluster_id
ORDER BY sequence_number
LIMIT 20
