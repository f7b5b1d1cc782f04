SELECT l.sequence_number, f.file_number, f.line_number, f.code, 'info', 'enforce', CAST(NULL AS VARCHAR),
       CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), f.reason, f.hint
FROM findings f
JOIN {landed} l ON l.line_number = f.line_number AND f.file_number = {number}
