-- Rows that share a key with somebody who is another person.
SELECT DISTINCT seq
FROM (
  SELECT left_seq AS seq FROM pairs WHERE key_type <> 'link' AND strong AND NOT compatible
  UNION ALL SELECT right_seq FROM pairs WHERE key_type <> 'link' AND strong AND NOT compatible
  UNION ALL SELECT seq FROM hits WHERE strong AND NOT compatible
)
