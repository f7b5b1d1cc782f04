-- Keys of a row that stood on a core row when it was matched, with what was seen and decided.
SELECT key_type, key, core_id, evidence, verdict, compatible, strong
FROM {hits}
WHERE run_id = $run_id AND round = $round AND seq = $row AND core_id IS NOT NULL
ORDER BY core_id, key_type, key
