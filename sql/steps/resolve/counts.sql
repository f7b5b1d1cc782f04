-- Incoming rows by what became of them, in one row. The strongest row of a target counts the target's action, the others
-- of its rows count as duplicates; rows that are unchanged for their own link count on their own.
WITH merged AS (
  SELECT coalesce(sum(incoming_rows), 0) AS row_count,
         count(*) AS targets,
         count(*) FILTER (WHERE action = 'created') AS created,
         count(*) FILTER (WHERE action = 'updated') AS updated,
         count(*) FILTER (WHERE action = 'reactivated') AS reactivated,
         count(*) FILTER (WHERE action = 'soft_deleted') AS soft_deleted,
         count(*) FILTER (WHERE action = 'unchanged') AS unchanged,
         count(*) FILTER (WHERE differs AND action IN ('updated', 'reactivated')) AS changed
  FROM changes_merged
), linked AS (
  SELECT count(*) AS processed,
         count(*) FILTER (WHERE outcome = 'new' AND cluster_rows = 1) AS alone,
         count(*) FILTER (WHERE outcome = 'skipped_duplicate') AS skipped,
         count(*) FILTER (WHERE outcome = 'skipped_duplicate' AND match_type IS NOT NULL) AS skipped_by_key,
         count(*) FILTER (WHERE outcome = 'unchanged') AS unchanged,
         count(*) FILTER (WHERE outcome = 'not_found') AS not_found,
         count(*) FILTER (WHERE outcome = 'review') AS review
  FROM links
), matched AS (
  SELECT count(*) AS leads
  FROM changes_merged m
  JOIN links l ON l.sequence_number = m.lead_sequence_number
  WHERE l.outcome = 'matched'
)
SELECT linked.processed,
       merged.created + linked.alone AS created,
       merged.updated,
       merged.reactivated,
       merged.soft_deleted,
       merged.row_count - merged.targets + linked.skipped AS skipped_duplicates,
       merged.unchanged + linked.unchanged AS skipped_no_change,
       linked.not_found AS skipped_not_found,
       linked.review,
       merged.changed,
       (SELECT count(*) FROM staged WHERE is_synthetic) AS missing_external_id,
       merged.row_count - merged.targets + matched.leads + linked.skipped_by_key AS deduped_auto,
       (SELECT count(*) FROM manual_kept) AS manual_kept,
       (SELECT count(*) FROM tied) AS tied
FROM merged CROSS JOIN linked CROSS JOIN matched
