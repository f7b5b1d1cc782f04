-- Rows whose external id points at a core row that agrees neither in name nor in any key.
SELECT i.seq
FROM active i
JOIN link_hits h ON h.seq = i.seq AND NOT h.unchanged
LEFT ANTI JOIN hits k ON k.seq = i.seq AND k.core_id = h.core_id
WHERE NOT i.is_synthetic
  AND NOT (names_compatible(i.given_key, h.given_key)
           AND (i.born IS NULL OR h.born IS NULL OR i.born = h.born)
           AND (i.family_key IS NULL OR h.family_key IS NULL OR i.family_key = h.family_key))
