-- How often each rule spoke in a run, from a document; written again, as the last attempt found it.
INSERT INTO run_rules (tenant_id, run_id, rule_code, severity, mode, rows_evaluated, violations)
SELECT $1, $2, value ->> 'rule_code', value ->> 'severity', value ->> 'mode', value ->> 'rows_evaluated', value ->> 'violations'
  FROM json_each($3)
 WHERE true
ON CONFLICT (run_id, rule_code, severity, mode, tenant_id) DO UPDATE
   SET rows_evaluated = excluded.rows_evaluated, violations = excluded.violations
