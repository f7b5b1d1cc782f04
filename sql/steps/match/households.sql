-- Rows that share a key with somebody who is not held to be the same person.
SELECT DISTINCT seq
FROM (
  SELECT left_seq AS seq FROM pairs WHERE verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family') AND NOT one_id
  UNION ALL SELECT right_seq FROM pairs WHERE verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family') AND NOT one_id
  UNION ALL SELECT seq FROM hits WHERE verdict IN ('same_key_other_person', 'weak_key', 'two_ids', 'other_family')
)
