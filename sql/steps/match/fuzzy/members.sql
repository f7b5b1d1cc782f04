-- The records in these blocks.
SELECT k.block, k.node
FROM {blocks} b
JOIN (
{keys}
) k ON k.block = b.block
