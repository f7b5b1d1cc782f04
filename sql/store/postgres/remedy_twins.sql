-- Findings of the same rule about the same row in another place: the row came in from here, so nothing is held there.
UPDATE importer.dq_violations
   SET status = 'fixed',
       resolution = 'superseded',
       resolved_at = now(),
       resolved_by = $3,
       resolved_run_id = $2,
       updated_at = now(),
       updated_by = $3
 WHERE tenant_id = $1
   AND id IN (SELECT v.id
                FROM pg_temp.remedy_rows x
                JOIN importer.dq_violations o
                  ON o.tenant_id = $1 AND o.run_id = x.run_id AND o.file_number = x.file_number AND o.line_number = x.line_number
                JOIN importer.dq_violations v
                  ON v.tenant_id = $1 AND v.row_checksum = o.row_checksum AND v.rule_code = o.rule_code AND v.field = o.field
                 AND v.entity = o.entity AND v.original_value IS NOT DISTINCT FROM o.original_value
                 AND v.link_system IS NOT DISTINCT FROM o.link_system AND v.link_id IS NOT DISTINCT FROM o.link_id AND v.id <> o.id
               WHERE x.promoted AND v.status IN ('open', 'suppressed'))
