-- Every row but the validated ones that are the only row of a new person: one small table for one join.
SELECT sequence_number
FROM links
WHERE NOT (outcome = 'new' AND cluster_rows = 1)
UNION ALL
SELECT sequence_number FROM quarantined
