-- Runs whose records the match index may lack: those after the last one that it has, and those that it knows as open. A run
-- without a committed chunk has no round.
SELECT r.id, r.status,
       (SELECT max(l.round) FROM load_ledger l
         WHERE l.tenant_id = r.tenant_id AND l.run_id = r.id AND l.entity = r.entity)
  FROM (SELECT id FROM import_runs WHERE tenant_id = $1 AND id > $3
         UNION ALL
        SELECT o.value FROM json_each($4) o) w
  JOIN import_runs r ON r.tenant_id = $1 AND r.id = w.id
 WHERE r.entity = $2 AND r.dry_run = 0 AND r.kind <> 'rollback'
 ORDER BY r.id
