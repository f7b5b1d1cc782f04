-- Keys of a row that stood on a core row when it was matched, with the name test.
SELECT key_type, key, core_id, match_type, compatible, strong
FROM {hits}
WHERE run_id = $run_id AND round = $round AND seq = $row
ORDER BY core_id, key_type, key
