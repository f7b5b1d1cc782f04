-- Findings about these rows that no longer occur.
UPDATE dq_violations AS v
   SET status = 'fixed',
       resolution = CASE WHEN x.edited THEN 'remediated' ELSE 'requeued' END,
       resolved_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       resolved_by = $3,
       resolved_run_id = $2,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       updated_by = $3
  FROM temp.remedy_rows x
 WHERE v.tenant_id = $1
   AND v.run_id = x.run_id AND v.file_number = x.file_number AND v.line_number = x.line_number
   AND v.status IN ('open', 'wont_fix')
   AND NOT EXISTS (SELECT 1 FROM temp.remedy_findings f
                    WHERE f.run_id = v.run_id AND f.file_number = v.file_number AND f.line_number = v.line_number
                      AND f.rule_code = v.rule_code AND f.field = v.field)
