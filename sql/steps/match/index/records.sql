-- The records of one run, with what tells versions of one link apart.
SELECT CAST({run} AS BIGINT) AS "_run", s.checksum AS "_checksum", s.effective_at AS "_at", r.* EXCEPT (node)
FROM ({records}) r
JOIN index_rows s ON s.sequence_number = r.node
