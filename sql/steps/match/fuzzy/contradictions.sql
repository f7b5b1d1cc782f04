-- Two in one group that are two people, or belong to two core rows: what no score may join. Versions of one record are one.
SELECT a.node AS one, b.node AS other
FROM fuzzy_groups a
JOIN fuzzy_groups b ON b.group_id = a.group_id AND a.node < b.node
JOIN fuzzy_everybody p ON p.node = a.node
JOIN fuzzy_everybody q ON q.node = b.node
WHERE coalesce(p.core_id <> q.core_id, false)
   OR (NOT coalesce(p.core_id = q.core_id, false)
       AND NOT coalesce(p.link_system = q.link_system AND p.link_id = q.link_id, false)
       AND (person_evidence(p.given_key, p.generation, p.born, q.given_key, q.generation, q.born)
              IN ('birth_date', 'generation', 'given_name')
            OR (coalesce(p.system = q.system AND p.link_id <> q.link_id, false)
                AND NOT coalesce(p.family_key = q.family_key, false) AND NOT coalesce(p.born = q.born, false))))
