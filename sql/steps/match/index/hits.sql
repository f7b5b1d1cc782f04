-- Records of the index that share a block with a row of this run.
SELECT DISTINCT b.record
FROM index_blocks b
LEFT SEMI JOIN index_wanted w ON w.block = b.block AND w.rule = b.rule
