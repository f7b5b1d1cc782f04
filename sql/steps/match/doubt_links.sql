-- What more is known of them: the namespaces that have them under an id, and whether this run has their own row.
SELECT d.core_id, s.system, v.core_id IS NOT NULL AS visited
FROM doubts d
LEFT JOIN core_systems s ON s.core_id = d.core_id
LEFT JOIN (SELECT DISTINCT core_id FROM link_hits WHERE core_id IN (SELECT core_id FROM doubts)) v ON v.core_id = d.core_id
