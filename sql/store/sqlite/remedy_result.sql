-- What a run made of the rows that it took on.
SELECT (SELECT count(*) FROM row_promotions p
         WHERE p.tenant_id = $1 AND p.run_id = $2 AND p.promoted_at IS NOT NULL),
       (SELECT count(*) FROM dq_violations v
         WHERE v.tenant_id = $1 AND v.resolved_run_id = $2 AND v.status = 'fixed' AND v.resolution <> 'superseded')
