-- The temporary table is looked up by place, rule and field.
CREATE INDEX temp.remedy_findings_place ON remedy_findings (run_id, file_number, line_number, rule_code, field)
