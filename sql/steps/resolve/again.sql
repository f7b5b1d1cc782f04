-- Rows that say again what was loaded last, about core rows that other rows of this run touch: what core has from them is
-- as new as they are.
SELECT l.sequence_number AS seq, l.core_id
FROM links l
LEFT SEMI JOIN touched t ON t.target = l.core_id
WHERE l.outcome = 'unchanged' AND l.reason = 'same_checksum'
