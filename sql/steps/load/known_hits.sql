-- Keys of rows that become new people, on core rows of somebody else: match has decided about them. Keys without a core
-- row say nothing, whoever has them.
SELECT DISTINCT h.key_type, h.key, h.core_id
FROM hits h
JOIN links l ON l.sequence_number = h.seq
WHERE l.outcome = 'new'
