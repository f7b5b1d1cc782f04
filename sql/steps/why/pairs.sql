-- What match found doubtful, or resolved at once, about a row.
SELECT round, left_seq, right_seq, core_id, match_type, matched_key_type, decision, reason, confidence_score
FROM {dedupe_pairs}
WHERE run_id = $run_id AND (left_seq = $row OR right_seq = $row)
ORDER BY round, left_seq, right_seq, match_type
