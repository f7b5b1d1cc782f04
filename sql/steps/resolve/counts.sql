-- Incoming rows by what became of them. The strongest row of a target counts the target's action, the others of its
-- rows count as duplicates; rows that are unchanged for their own link count on their own.
WITH merged_rows AS (
  SELECT action, sum(incoming_rows) AS row_count, count(*) AS targets, count(*) FILTER (WHERE differs) AS differing
  FROM changes_merged
  GROUP BY action
), by_outcome AS (
  SELECT outcome, count(*) AS row_count,
         count(*) FILTER (WHERE cluster_rows > 1 AND cluster_id IS NOT NULL) AS clustered,
         count(DISTINCT cluster_id) FILTER (WHERE cluster_rows > 1) AS clusters
  FROM links
  GROUP BY outcome
)
SELECT 'processed' AS counter, coalesce(CAST((SELECT sum(row_count) FROM by_outcome) AS BIGINT), 0) AS n
UNION ALL
SELECT 'created', coalesce((SELECT sum(targets) FROM merged_rows WHERE action = 'created'), 0)
                + (SELECT count(*) FROM links WHERE outcome = 'new' AND cluster_rows = 1)
UNION ALL
SELECT 'updated', coalesce((SELECT sum(targets) FROM merged_rows WHERE action = 'updated'), 0)
UNION ALL
SELECT 'reactivated', coalesce((SELECT sum(targets) FROM merged_rows WHERE action = 'reactivated'), 0)
UNION ALL
SELECT 'soft_deleted', coalesce((SELECT sum(targets) FROM merged_rows WHERE action = 'soft_deleted'), 0)
UNION ALL
SELECT 'skipped_duplicates',
       coalesce((SELECT sum(row_count) - sum(targets) FROM merged_rows), 0)
       + coalesce((SELECT sum(row_count) FROM by_outcome WHERE outcome = 'skipped_duplicate'), 0)
UNION ALL
SELECT 'skipped_no_change',
       coalesce((SELECT sum(targets) FROM merged_rows WHERE action = 'unchanged'), 0)
       + coalesce((SELECT sum(row_count) FROM by_outcome WHERE outcome = 'unchanged'), 0)
UNION ALL
SELECT 'skipped_not_found', coalesce((SELECT sum(row_count) FROM by_outcome WHERE outcome = 'not_found'), 0)
UNION ALL
SELECT 'review', coalesce((SELECT sum(row_count) FROM by_outcome WHERE outcome = 'review'), 0)
UNION ALL
SELECT 'changed', coalesce((SELECT sum(differing) FROM merged_rows WHERE action IN ('updated', 'reactivated')), 0)
UNION ALL
SELECT 'missing_external_id', (SELECT count(*) FROM staged WHERE is_synthetic)
UNION ALL
SELECT 'deduped_auto',
       coalesce((SELECT sum(row_count) - sum(targets) FROM merged_rows), 0)
       + (SELECT count(*) FROM changes_merged m JOIN links l ON l.sequence_number = m.lead_sequence_number
          WHERE l.outcome = 'matched')
       + (SELECT count(*) FROM links WHERE outcome = 'skipped_duplicate' AND match_type IS NOT NULL)
UNION ALL
SELECT 'manual_kept', (SELECT count(*) FROM manual_kept)
