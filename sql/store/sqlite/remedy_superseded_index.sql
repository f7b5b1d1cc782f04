-- The temporary table is looked up by place. Without an index SQLite would go through all of it for each finding.
CREATE INDEX temp.remedy_superseded_place ON remedy_superseded (run_id, file_number, line_number)
