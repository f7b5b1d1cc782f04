-- A verdict about two records; the last one counts.
INSERT INTO importer.match_decisions
       (tenant_id, core_table, one_system, one_id, other_system, other_id, verdict, suggestion_id, run_id, decided_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::bigint, $9::bigint, $10)
ON CONFLICT (one_id, one_system, other_id, other_system, core_table, tenant_id) DO UPDATE
   SET verdict = excluded.verdict, suggestion_id = excluded.suggestion_id, run_id = excluded.run_id,
       decided_by = excluded.decided_by, decided_at = now(), revoked_at = NULL
