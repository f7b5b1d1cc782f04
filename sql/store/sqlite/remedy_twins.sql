-- Findings of the same rule about the same row in another place: the row came in from here, so nothing is held there.
UPDATE dq_violations
   SET status = 'fixed',
       resolution = 'superseded',
       resolved_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       resolved_by = $3,
       resolved_run_id = $2,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       updated_by = $3
 WHERE tenant_id = $1
   AND id IN (SELECT v.id
                FROM temp.remedy_rows x
                CROSS JOIN dq_violations o
                  ON o.tenant_id = $1 AND o.run_id = x.run_id AND o.file_number = x.file_number AND o.line_number = x.line_number
                CROSS JOIN dq_violations v
                  ON v.tenant_id = $1 AND v.row_checksum = o.row_checksum AND v.rule_code = o.rule_code AND v.field = o.field
                 AND v.entity = o.entity AND v.original_value IS o.original_value
                 AND v.link_system IS o.link_system AND v.link_id IS o.link_id AND v.id <> o.id
               WHERE x.promoted AND v.status IN ('open', 'suppressed'))
