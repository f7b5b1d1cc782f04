-- The forms that the store is asked for: of ids that are not their own form, and of all new ids of namespaces in which it
-- has such ids.
SELECT DISTINCT n.link_system, n.form
FROM new_ids n
LEFT JOIN spelt_systems s ON s.link_system = n.link_system
WHERE n.form <> n.link_id OR s.link_system IS NOT NULL
