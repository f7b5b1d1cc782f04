-- How often each rule spoke with each severity and in the same words, with the first place as the example.
SELECT rule_code, count(*) AS violations, severity, mode, message, hint,
       row_unpack(min(row_pack(named_struct('file', file_number, 'line', line_number, 'field', field))),
                  named_struct('file', arrow_cast(NULL, 'Int32'), 'line', CAST(NULL AS BIGINT), 'field', arrow_cast(NULL, 'Utf8'))) AS example
FROM dq_violations
GROUP BY rule_code, severity, mode, message, hint
ORDER BY rule_code, severity, mode, message, hint
