-- Every field that a run changed on an existing core row, in the order in which it happened.
SELECT l.changed_at, l.run_id, r.kind, r.triggered_by, l.field_name, l.before_value, l.after_value, l.winner, l.loser, l.reason,
       l.sequence_number, l.changed_by
FROM (SELECT * FROM store.change_log WHERE entity_type = $entity AND core_id = $core_id) l
LEFT JOIN store.import_runs r ON r.id = l.run_id
ORDER BY l.changed_at, l.run_id, l.field_name, l.ordinal
