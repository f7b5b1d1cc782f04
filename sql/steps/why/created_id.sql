-- The core id that load gave to the new person of a lead row.
SELECT core_id
FROM {created_ids}
WHERE run_id = $run_id AND round = $round AND lead_sequence_number = $lead
