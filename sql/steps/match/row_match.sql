-- The strongest reason that tied a row to others: 1 e-mail, 2 phone, 3 combined; 0 is its own external id.
SELECT seq, min(match_rank) AS match_rank
FROM (
  SELECT left_seq AS seq, match_rank FROM edges
  UNION ALL SELECT right_seq, match_rank FROM edges
  UNION ALL SELECT seq, match_rank FROM core_edges
)
GROUP BY seq
