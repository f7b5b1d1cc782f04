-- The record that begins at a line of a file, or the last one before it. A file's records have their numbers in a row.
SELECT sequence_number, line_number
FROM {landed}
WHERE run_id = $run_id AND sequence_number BETWEEN $first AND $last AND line_number <= $line
ORDER BY line_number DESC
LIMIT 1
