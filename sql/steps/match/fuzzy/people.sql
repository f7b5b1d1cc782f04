-- Every record that was compared, with its link, what the name test asks, and the core row that it is known to belong to.
SELECT a.seq AS node, a.seq, f.core_id, a.link_system, a.link_id,
       CASE WHEN NOT a.is_synthetic THEN a.link_system END AS system,
       a.given_key, a.family_key, a.generation, a.born
FROM active a
JOIN fuzzy_rows f ON f.node = a.seq
UNION ALL
SELECT node, CAST(NULL AS BIGINT), core_id, link_system, link_id, id_system, "_given", "_family", "_generation", "_born"
FROM core_records
