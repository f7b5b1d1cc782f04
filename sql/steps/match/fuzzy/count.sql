-- Pairs that this rule is the first to find.
SELECT count(*) AS pairs
FROM {pairs}
