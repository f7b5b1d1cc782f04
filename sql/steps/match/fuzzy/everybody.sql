-- The records that were compared, and the core rows that keys have reached.
SELECT node, core_id, link_system, link_id, system, given_key, family_key, generation, born
FROM fuzzy_people
UNION ALL
SELECT {core_node}, core_id, CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), given_key, CAST(NULL AS VARCHAR), generation, born
FROM core_people
