-- What a rollback did to a core row.
SELECT run_id, action, core_id, differs
FROM changes
WHERE run_id = $run_id AND core_id = $core_id
ORDER BY round
