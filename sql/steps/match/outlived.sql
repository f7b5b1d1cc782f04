-- Deletes that are older than a row of the same external id which says again, in this run, what was loaded last: the record
-- is there, so the delete is as old as one that comes in a later run.
SELECT d.seq
FROM incoming d
JOIN (
  SELECT i.link_system, i.link_id, max(i.effective_at) AS said_at
  FROM incoming i
  JOIN found_links f ON f.seq = i.seq
  WHERE f.unchanged AND NOT i.is_delete
  GROUP BY i.link_system, i.link_id
) u ON u.link_system = d.link_system AND u.link_id = d.link_id
WHERE d.is_delete AND d.effective_at < u.said_at
UNION
-- And deletes behind which, at the very same time, their record comes back: the later row of the run is the newer one.
SELECT d.seq
FROM incoming d
JOIN (
  SELECT link_system, link_id, effective_at, max(seq) AS back_seq
  FROM incoming
  WHERE NOT is_delete AND link_id IS NOT NULL
  GROUP BY link_system, link_id, effective_at
) b ON b.link_system = d.link_system AND b.link_id = d.link_id AND b.effective_at = d.effective_at
WHERE d.is_delete AND b.back_seq > d.seq
