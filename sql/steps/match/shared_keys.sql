-- Keys that more than one row of this run carries, by their hashes: grouping millions of numbers is cheap where grouping
-- as many texts is not. Two keys of one hash are both here, which costs a look and changes nothing.
SELECT key_hash, count(*) AS key_rows
FROM row_keys
WHERE NOT idle
GROUP BY key_hash
HAVING count(*) > 1
