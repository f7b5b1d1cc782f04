-- Steps of a run, in the order they were begun.
SELECT step, attempt, status, rows_in, rows_out, duration_ms, detail_json
  FROM run_steps
 WHERE tenant_id = $1 AND run_id = $2
 ORDER BY attempt, created_at, instr('land stage check match resolve load reconcile', step)
