-- A person's decision about all open findings that fit. An absent filter is NULL.
UPDATE importer.dq_violations
   SET status = $5,
       resolution = $6,
       resolved_at = now(),
       resolved_by = $7,
       resolved_run_id = NULL,
       updated_at = now(),
       updated_by = $7
 WHERE tenant_id = $1
   AND ($2::text IS NULL OR rule_code = $2)
   AND ($3::bigint IS NULL OR run_id = $3)
   AND ($4::text IS NULL OR severity = $4)
   AND status = 'open'
   AND ($8::boolean OR sequence_number IS NOT NULL)
