-- Keys that more than one row of this run carries. Only their rows can cluster.
SELECT key_type, key
FROM row_keys
GROUP BY key_type, key
HAVING count(*) > 1
