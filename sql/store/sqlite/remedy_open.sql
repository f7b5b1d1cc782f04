-- Findings that occur, again or still: open, with what the rule says now. A decision of a person stays.
UPDATE dq_violations AS v
   SET status = CASE WHEN v.status = 'fixed' THEN 'open' ELSE v.status END,
       severity = f.severity,
       original_value = f.original_value,
       normalised_value = f.normalised_value,
       message = f.message,
       hint = f.hint,
       details_json = f.details_json,
       link_system = coalesce(f.link_system, v.link_system),
       link_id = coalesce(f.link_id, v.link_id),
       resolution = CASE WHEN v.status = 'fixed' THEN NULL ELSE v.resolution END,
       resolved_at = CASE WHEN v.status = 'fixed' THEN NULL ELSE v.resolved_at END,
       resolved_by = CASE WHEN v.status = 'fixed' THEN NULL ELSE v.resolved_by END,
       resolved_run_id = CASE WHEN v.status = 'fixed' THEN NULL ELSE v.resolved_run_id END,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       updated_by = $2
  FROM temp.remedy_findings f
 WHERE v.tenant_id = $1
   AND f.run_id = v.run_id AND f.file_number = v.file_number AND f.line_number = v.line_number
   AND f.rule_code = v.rule_code AND f.field = v.field
