-- Keys that more than a few people may share, counted over the rows of this run and over core; by their hashes. One row
-- whose key several core rows have is one of them as well.
SELECT key_hash
FROM (
  SELECT key_hash, key_rows AS people FROM shared_keys
  UNION ALL
  SELECT key_hash, count(*) + 1 AS people FROM key_hits GROUP BY key_hash
)
GROUP BY key_hash
HAVING sum(people) > $max_key_people
