-- Rows whose target needs a decision: a core row, or a new person with several rows.
SELECT sequence_number AS seq, coalesce(core_id, -cluster_id) AS target, core_id, outcome
FROM links
WHERE outcome IN ('linked', 'matched', 'deleted') OR (outcome = 'new' AND cluster_rows > 1)
