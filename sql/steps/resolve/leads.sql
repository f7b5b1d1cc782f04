-- The strongest row of a target: the newest, ties by contents. Its action is the target's action.
SELECT target, incoming_rows,
       row_unpack(lead, named_struct('newest', CAST(NULL AS BIGINT), 'checksum', arrow_cast(NULL, 'Binary'), 'link_id', CAST(NULL AS VARCHAR),
                                     'seq', CAST(NULL AS BIGINT), 'source', CAST(NULL AS VARCHAR),
                                     'effective_at', {no_time},
                                     'ingest_version', CAST(NULL AS BIGINT), 'is_delete', CAST(NULL AS BOOLEAN),
                                     'deleted_at', {no_time},
                                     'deleted_reason', CAST(NULL AS VARCHAR))) AS lead
FROM (
  SELECT t.target, count(*) AS incoming_rows,
         min(row_pack(named_struct('newest', -arrow_cast(s.effective_at, 'Int64'), 'checksum', arrow_cast(s.checksum, 'Binary'), 'link_id', s.link_id,
                                   'seq', s.sequence_number, 'source', s.link_system,
                                   'effective_at', s.effective_at,
                                   'ingest_version', {ingest_version}, 'is_delete', s.is_delete,
                                   'deleted_at', {deleted_at},
                                   'deleted_reason', {deleted_reason}))) AS lead
  FROM touched t
  JOIN staged s ON s.sequence_number = t.seq
  GROUP BY t.target
)
