-- The links of each target with the newest row of each and as they were before, and by how many the active links of
-- its core row change. The checksum says what was loaded last, so that the same contents are unchanged from then on. A row
-- that lost a field to an equally new value was not loaded: a link that it gave nothing else stays as it was, another one
-- has no checksum, and whatever comes next is looked at.
WITH rows AS (
  SELECT t.target, t.seq, false AS seen_only FROM touched t
  UNION ALL
  SELECT l.core_id, l.sequence_number, true
  FROM links l
  WHERE l.outcome = 'unchanged' AND l.core_id IN (SELECT target FROM touched)
), newest AS (
  SELECT r.target, s.link_system, s.link_id, s.is_synthetic,
         min(row_pack(named_struct('newest', -arrow_cast(s.effective_at, 'Int64'), 'tied', x.sequence_number IS NOT NULL,
                                   'seen_only', r.seen_only, 'is_active', NOT s.is_delete,
                                   'checksum', arrow_cast(s.checksum, 'Binary'), 'sequence_number', s.sequence_number,
                                   'effective_at', s.effective_at, 'ingest_version', {ingest_version},
                                   'deleted_reason', {deleted_reason},
                                   'was_active', coalesce(h.link_active, false), 'gave', coalesce(x.gave, false)))) AS packed,
         count(*) FILTER (WHERE NOT r.seen_only) AS said
  FROM rows r
  JOIN staged s ON s.sequence_number = r.seq
  LEFT JOIN link_hits h ON h.seq = r.seq
  LEFT JOIN tied x ON x.sequence_number = r.seq
  GROUP BY r.target, s.link_system, s.link_id, s.is_synthetic
), named AS (
  SELECT target, link_system, link_id, is_synthetic, said,
         row_unpack(packed, arrow_cast(NULL, 'Struct("newest": Int64, "tied": Boolean, "seen_only": Boolean, "is_active": Boolean, "checksum": Binary, "sequence_number": Int64, "effective_at": Timestamp(µs, "UTC"), "ingest_version": Int64, "deleted_reason": Utf8, "was_active": Boolean, "gave": Boolean)')) AS top
  FROM newest
), grouped AS (
  SELECT n.target,
         array_agg(row_pack(named_struct(
           'external_system', link_system, 'external_id', link_id, 'is_synthetic', n.is_synthetic,
           'checksum', CASE WHEN NOT top['tied'] THEN top['checksum'] END, 'effective_at', top['effective_at'],
           'ingest_version', top['ingest_version'], 'sequence_number', top['sequence_number'],
           'is_active', top['is_active'], 'deleted_reason', top['deleted_reason'],
           'seen_only', top['seen_only'] OR (top['tied'] AND said = 1 AND NOT top['gave'] AND coalesce(w.is_active, false)),
           'was', CASE WHEN w.core_id IS NOT NULL THEN named_struct(
             'core_id', w.core_id, 'is_active', w.is_active, 'is_synthetic', w.is_synthetic,
             'first_seen_at', w.first_seen_at, 'last_seen_at', w.last_seen_at,
             'run_id', w.run_id, 'last_run_id', w.last_run_id, 'last_checksum', w.last_checksum,
             'last_effective_at', w.last_effective_at, 'ingest_version', w.ingest_version,
             'deactivated_at', w.deactivated_at,
             'upstream_deleted_reason', w.upstream_deleted_reason) END))) AS links,
         sum(CASE WHEN top['seen_only'] THEN 0
                  WHEN top['is_active'] AND NOT top['was_active'] THEN 1
                  WHEN NOT top['is_active'] AND top['was_active'] THEN -1
                  ELSE 0 END) AS activated
  FROM named n
  LEFT JOIN core_links w ON w.core_id = n.target AND w.external_system = n.link_system AND w.external_id = n.link_id
  GROUP BY n.target
)
SELECT target, activated,
       row_unpack_list(links, arrow_cast(NULL, 'Struct("external_system": Utf8, "external_id": Utf8, "is_synthetic": Boolean, "checksum": Binary, "effective_at": Timestamp(µs, "UTC"), "ingest_version": Int64, "sequence_number": Int64, "is_active": Boolean, "deleted_reason": Utf8, "seen_only": Boolean, "was": Struct("core_id": Int64, "is_active": Boolean, "is_synthetic": Boolean, "first_seen_at": Timestamp(µs, "UTC"), "last_seen_at": Timestamp(µs, "UTC"), "run_id": Int64, "last_run_id": Int64, "last_checksum": Binary, "last_effective_at": Timestamp(µs, "UTC"), "ingest_version": Int64, "deactivated_at": Timestamp(µs, "UTC"), "upstream_deleted_reason": Utf8))')) AS links
FROM grouped
