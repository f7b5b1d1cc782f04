SELECT CAST(NULL AS BIGINT), file_number, line_number, code, 'error', 'enforce', CAST(NULL AS VARCHAR),
       CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), reason, hint
FROM rejects
