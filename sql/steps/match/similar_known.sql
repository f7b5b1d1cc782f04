-- New ids that a known one of their namespace differs from by its spelling only.
SELECT n.link_system, n.link_id, n.seq, h.external_id AS other_id, min(h.core_id) AS core_id
FROM (SELECT link_system, link_id, form, min(seq) AS seq FROM new_ids GROUP BY link_system, link_id, form) n
JOIN found_similar h ON h.link_system = n.link_system AND h.form = n.form
WHERE external_ids_alike(n.link_id, h.external_id)
GROUP BY n.link_system, n.link_id, n.seq, h.external_id
