-- How often each rule spoke in a run, from a document; written again, as the last attempt found it.
INSERT INTO importer.run_rules (tenant_id, run_id, rule_code, severity, mode, rows_evaluated, violations)
SELECT $1, $2, f.rule_code, f.severity, f.mode, f.rows_evaluated, f.violations
  FROM jsonb_to_recordset($3::jsonb) AS f(rule_code text, severity text, mode text, rows_evaluated bigint, violations bigint)
ON CONFLICT (run_id, rule_code, severity, mode, tenant_id) DO UPDATE
   SET rows_evaluated = excluded.rows_evaluated, violations = excluded.violations
