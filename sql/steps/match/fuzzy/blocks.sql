-- The blocks of one rule that give pairs: two records and more, no more than their bound, and not only known ones.
SELECT block
FROM (
{keys}
)
GROUP BY block
HAVING count(*) BETWEEN 2 AND {max_block} AND bool_or(is_new)
