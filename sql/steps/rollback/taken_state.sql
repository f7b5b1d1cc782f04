-- Core rows that cannot come back because one of their external ids belongs to another row by now.
SELECT x.core_id, max(t.last_run_id) AS run_id
FROM undo_links x
JOIN taken_links t ON t.external_system = x.external_system AND t.external_id = x.external_id
WHERE t.core_id <> x.core_id
GROUP BY x.core_id
