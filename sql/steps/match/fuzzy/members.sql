-- The records in these blocks.
SELECT k.block, k.node
FROM (
{keys}
) k
LEFT SEMI JOIN {blocks} b ON b.block = k.block
