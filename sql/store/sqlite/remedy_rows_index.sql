-- The temporary table is looked up by place.
CREATE INDEX temp.remedy_rows_place ON remedy_rows (run_id, file_number, line_number)
