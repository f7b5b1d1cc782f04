-- Keys that many people share. More than $max_key_group different names: no key at all. More than $max_key_people people:
-- a weak one. Several spellings of one name are one person, so whoever agrees with somebody before him is not counted;
-- before and after go by the names themselves, not by the order of rows.
WITH named AS (
  SELECT *, count(*) OVER (PARTITION BY key_type, key) AS names FROM key_people
), again AS (
  SELECT DISTINCT a.key_type, a.key, a.who
  FROM named a
  JOIN named b ON b.key_type = a.key_type AND b.key = a.key
  WHERE a.names > $max_key_people AND a.names <= $max_key_group AND b.who < a.who
    AND (a.family_key IS NULL OR b.family_key IS NULL OR a.family_key = b.family_key
         OR (length(a.family_key) >= 5 AND length(b.family_key) >= 5 AND levenshtein(a.family_key, b.family_key) = 1))
    AND person_evidence(a.given_key, a.generation, a.born, b.given_key, b.generation, b.born)
        IN ('equal', 'missing', 'initial', 'nickname', 'beginning', 'slip')
), counted AS (
  SELECT n.key_type, n.key, n.key_hash, n.names, count(*) - count(a.who) AS people
  FROM named n
  LEFT JOIN again a ON a.key_type = n.key_type AND a.key = n.key AND a.who = n.who
  WHERE n.names > $max_key_people
  GROUP BY n.key_type, n.key, n.key_hash, n.names
)
SELECT key_type, key, key_hash, names > $max_key_group AS idle
FROM counted
WHERE names > $max_key_group OR people > $max_key_people
