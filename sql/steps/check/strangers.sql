-- Findings of a rule for rows that are not in this run, with one of their numbers.
SELECT count(*) AS n, min(r.sequence_number) AS example
FROM {rule} r
LEFT ANTI JOIN staged s ON s.sequence_number = r.sequence_number
