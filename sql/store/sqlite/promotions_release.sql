-- Claims on these rows that hold no longer: their run failed, was given up or was taken back.
DELETE FROM row_promotions AS p
 WHERE p.tenant_id = $1
   AND p.run_id <> $2
   AND EXISTS (SELECT 1 FROM temp.remedy_rows x
                WHERE x.run_id = p.origin_run_id AND x.file_number = p.origin_file_number
                  AND x.line_number = p.origin_line_number)
   AND EXISTS (SELECT 1 FROM import_runs r
                WHERE r.tenant_id = p.tenant_id AND r.id = p.run_id
                  AND (r.status = 'rolled_back' OR (p.promoted_at IS NULL AND r.status IN ('failed', 'cancelled'))))
