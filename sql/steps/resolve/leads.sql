-- The strongest row of a target: the newest, at one time a delete, then by contents. Its action is the target's action. Of the
-- rows of one id, match has decided between a delete and a return at one time: one of them is not touched.
SELECT target, incoming_rows,
       row_unpack(lead, arrow_cast(NULL, 'Struct("newest": Int64, "alive": Boolean, "checksum": Binary, "link_id": Utf8, "seq": Int64, "source": Utf8, "effective_at": Timestamp(µs, "UTC"), "ingest_version": Int64, "is_delete": Boolean, "deleted_at": Timestamp(µs, "UTC"), "deleted_reason": Utf8)')) AS lead
FROM (
  SELECT t.target, count(*) AS incoming_rows,
         min(row_pack(named_struct('newest', -arrow_cast(s.effective_at, 'Int64'), 'alive', NOT s.is_delete, 'checksum', arrow_cast(s.checksum, 'Binary'), 'link_id', s.link_id,
                                   'seq', s.sequence_number, 'source', s.link_system,
                                   'effective_at', s.effective_at,
                                   'ingest_version', {ingest_version}, 'is_delete', s.is_delete,
                                   'deleted_at', {deleted_at},
                                   'deleted_reason', {deleted_reason}))) AS lead
  FROM touched t
  JOIN staged s ON s.sequence_number = t.seq
  GROUP BY t.target
)
