-- Runs whose records the match index may lack: those after the last one that it has, and those that it knows as open. A run
-- without a committed chunk has no round.
SELECT r.id, r.status,
       (SELECT max(l.round) FROM importer.load_ledger l
         WHERE l.tenant_id = r.tenant_id AND l.run_id = r.id AND l.entity = r.entity)
  FROM (SELECT id FROM importer.import_runs WHERE tenant_id = $1 AND id > $3
         UNION ALL
        SELECT CAST(o.value AS bigint) FROM jsonb_array_elements_text($4::jsonb) AS o(value)) w
  JOIN importer.import_runs r ON r.tenant_id = $1 AND r.id = w.id
 WHERE r.entity = $2 AND NOT r.dry_run AND r.kind <> 'rollback'
 ORDER BY r.id
