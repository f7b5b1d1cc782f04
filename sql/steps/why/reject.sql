-- The record at a line that could not be read.
SELECT file_number, file_name, line_number, line_count, byte_offset, code, reason, hint, raw_text(raw, encoding) AS raw, raw_truncated
FROM {rejects}
WHERE run_id = $run_id AND file_number = $file AND line_number <= $line AND line_number + line_count > $line
