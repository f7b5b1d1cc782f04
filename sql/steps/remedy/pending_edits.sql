-- What people edited in rows that are held still. All findings of a row carry the same edits.
SELECT run_id, file_number, line_number, max(edited_fields_json) AS fields_json, max(edited_payload_json) AS payload_json
FROM stored
WHERE edited_payload_json IS NOT NULL AND status <> 'fixed'
GROUP BY run_id, file_number, line_number
