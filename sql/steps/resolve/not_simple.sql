-- Every validated row but the only row of a new person.
SELECT sequence_number
FROM links
WHERE NOT (outcome = 'new' AND cluster_rows = 1)
