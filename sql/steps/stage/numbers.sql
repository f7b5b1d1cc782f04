-- Whether the mapping gave every landed row once, under its own number: how many are missing, are there several times, and
-- have a number of no landed row, with the first line of each.
SELECT count(*) FILTER (WHERE s.sequence_number IS NULL) AS missing,
       min(l.line_number) FILTER (WHERE s.sequence_number IS NULL) AS missing_line,
       count(*) FILTER (WHERE s.row_count > 1) AS doubled,
       min(l.line_number) FILTER (WHERE s.row_count > 1) AS doubled_line,
       count(*) FILTER (WHERE l.sequence_number IS NULL) AS strange,
       min(s.sequence_number) FILTER (WHERE l.sequence_number IS NULL) AS strange_number
FROM (SELECT sequence_number, count(*) AS row_count FROM staged GROUP BY sequence_number) s
FULL JOIN (
{landed}
) l ON l.sequence_number = s.sequence_number
