-- One step of one attempt; written again as it goes on.
INSERT INTO run_steps (tenant_id, run_id, step, attempt, status, rows_in, rows_out, duration_ms, detail_json)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (tenant_id, run_id, step, attempt) DO UPDATE
   SET status = excluded.status,
       rows_in = excluded.rows_in,
       rows_out = excluded.rows_out,
       duration_ms = excluded.duration_ms,
       detail_json = excluded.detail_json,
       updated_at = CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000
