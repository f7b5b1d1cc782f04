-- Findings of a run that is read from its file again; what a person decided stays.
DELETE FROM dq_violations WHERE tenant_id = $1 AND run_id = $2 AND status = 'open'
