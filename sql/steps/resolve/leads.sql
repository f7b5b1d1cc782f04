-- The strongest row of a target: the newest, ties by contents. Its action is the target's action.
SELECT t.target, count(*) AS incoming_rows,
       first_value(named_struct('seq', s.sequence_number, 'source', s.link_system, 'effective_at', s.effective_at,
                                'ingest_version', {ingest_version}, 'is_delete', s.is_delete,
                                'deleted_at', {deleted_at}, 'deleted_reason', {deleted_reason})
                   ORDER BY s.effective_at DESC, s.checksum ASC, s.link_id ASC, s.sequence_number ASC) AS lead
FROM touched t
JOIN staged s ON s.sequence_number = t.seq
GROUP BY t.target
