-- Open findings of earlier runs about rows without a link that are in this run again: this run's findings speak of them now.
UPDATE dq_violations
   SET status = 'fixed',
       resolution = 'superseded',
       resolved_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000,
       resolved_run_id = $2,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
 WHERE tenant_id = $1
   AND id IN (SELECT v.id
                FROM dq_violations o
                CROSS JOIN dq_violations v
                  ON v.tenant_id = $1 AND v.row_checksum = o.row_checksum AND v.rule_code = o.rule_code AND v.field = o.field
                 AND v.entity = o.entity AND v.original_value IS o.original_value AND v.link_system IS o.link_system AND v.run_id < o.run_id
               WHERE o.tenant_id = $1 AND o.run_id = $2 AND o.link_id IS NULL
                 AND v.link_id IS NULL AND v.status IN ('open', 'suppressed'))
