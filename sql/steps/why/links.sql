-- What match decided about a row; the last round holds.
SELECT round, outcome, core_id, cluster_id, cluster_rows, match_type, reason, evidence
FROM {links}
WHERE run_id = $run_id AND sequence_number = $row
ORDER BY round
