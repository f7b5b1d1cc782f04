-- In which blocks the records of a part are.
SELECT rule, block, node AS record
FROM ({blocks})
ORDER BY rule, block, record
