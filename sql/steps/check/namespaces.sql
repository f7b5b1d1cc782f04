-- The namespaces of the run, and whether rows with ids of their own are in them.
SELECT link_system, bool_or(NOT is_synthetic) AS has_ids
FROM staged
WHERE link_system IS NOT NULL
GROUP BY link_system
ORDER BY link_system
