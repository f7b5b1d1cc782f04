-- Of one run: the staged rows that core rows were made of, as the last round decided. What was loaded already is there from
-- the run that loaded it; where everything is taken in anew, that run may be gone.
SELECT s.*
FROM index_staged s
LEFT SEMI JOIN (
  SELECT sequence_number
  FROM (
    SELECT sequence_number, last_value(outcome ORDER BY round) AS outcome, last_value(reason ORDER BY round) AS reason
    FROM index_links
    GROUP BY sequence_number
  )
  WHERE outcome IN ('linked', 'matched', 'new') OR ({anew} AND reason = 'same_checksum')
) l ON l.sequence_number = s.sequence_number
WHERE s.link_id IS NOT NULL
