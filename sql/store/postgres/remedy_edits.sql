-- All findings of an edited row carry its edits.
UPDATE importer.dq_violations AS v
   SET edited_fields_json = x.fields_json::jsonb,
       edited_payload_json = x.payload_json::jsonb,
       updated_at = now(),
       updated_by = $2
  FROM pg_temp.remedy_rows x
 WHERE v.tenant_id = $1
   AND x.payload_json IS NOT NULL
   AND v.run_id = x.run_id AND v.file_number = x.file_number AND v.line_number = x.line_number
