-- Who wrote each core row last. Rows that were only confirmed keep what they have, unless a newer row says the same: from
-- then on the values are as new as that row.
SELECT CAST($tenant AS VARCHAR) AS tenant_id, CAST($entity AS VARCHAR) AS entity_type, core_id, fingerprint,
       source, effective_at, CAST($run_id AS BIGINT) AS run_id, lead_sequence_number AS sequence_number, CASE WHEN action = 'unchanged' THEN 'no_change' ELSE action END AS load_action,
       CASE WHEN fields_json <> '{}' THEN fields_json END AS fields_json
FROM chunk
WHERE fingerprint IS NOT NULL AND (action <> 'unchanged' OR differs)
