-- The temporary table is looked up by place.
CREATE INDEX ON pg_temp.remedy_superseded (run_id, file_number, line_number)
