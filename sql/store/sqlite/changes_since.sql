-- What runs changed of a row of core since a run, oldest first.
SELECT run_id, field_name, before_value, after_value, reason, sequence_number
  FROM change_log
 WHERE tenant_id = $1 AND entity_type = $2 AND core_id = $3 AND run_id > $4
 ORDER BY run_id, ordinal, field_name
