-- What people have decided about records of two core rows, and whether it still counts.
SELECT d.one_system, d.one_id, d.other_system, d.other_id, d.verdict, d.decided_by, d.decided_at, d.revoked_at
FROM store.match_decisions d
JOIN store.external_id_map a ON a.external_system = d.one_system AND a.external_id = d.one_id AND a.entity_type = $entity
JOIN store.external_id_map b ON b.external_system = d.other_system AND b.external_id = d.other_id AND b.entity_type = $entity
WHERE (a.core_id = $one AND b.core_id = $other) OR (a.core_id = $other AND b.core_id = $one)
ORDER BY d.decided_at DESC
