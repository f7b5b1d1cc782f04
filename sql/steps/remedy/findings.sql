-- What the rules say of the rows of a batch, under the place of each row's origin. A rule that only warns holds no row;
-- what a person has suppressed stays what it was.
SELECT o.origin_run_id AS run_id, o.origin_file_number AS file_number, o.origin_line_number AS line_number,
       o.origin_sequence_number AS sequence_number, v.rule_code, coalesce(v.field, '') AS field,
       CASE WHEN v.severity = 'error' AND v.mode NOT IN ('enforce', 'suppressed') THEN 'warn' ELSE v.severity END AS severity,
       v.original_value, v.normalised_value, v.message, v.hint,
       concat('{"found_by_run":', CAST($run_id AS VARCHAR), '}') AS details_json,
       s.link_system, s.link_id, o.fields_json, o.payload_json
FROM dq_violations v
JOIN origins o ON o.sequence_number = v.sequence_number
LEFT JOIN staged s ON s.sequence_number = v.sequence_number
