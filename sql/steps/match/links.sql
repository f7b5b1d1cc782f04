-- What became of each validated row: the first answer wins (architecture, section 6), then the duplicate policy.
SELECT seq AS sequence_number, outcome,
       CASE WHEN outcome IN ('linked', 'unchanged', 'deleted') THEN link_core
            WHEN outcome = 'matched' THEN cluster_core
            WHEN outcome = 'skipped_duplicate' THEN coalesce(link_core, cluster_core) END AS core_id,
       CASE WHEN outcome IN ('new', 'not_found') THEN coalesce(cluster_id, seq) END AS cluster_id,
       CASE WHEN outcome IN ('new', 'not_found') THEN coalesce(cluster_rows, 1) END AS cluster_rows,
       CASE WHEN outcome IN ('matched', 'new', 'skipped_duplicate', 'review') THEN
         {match_type} END AS match_type,
       CASE outcome
         WHEN 'review' THEN CASE WHEN reuse = 1 OR in_run_reuse = 1 THEN 'id_reused'
                                 WHEN cluster_reason IS NOT NULL THEN cluster_reason
                                 WHEN household = 1 AND $incompatible = 'review' THEN 'same_key_other_person'
                                 WHEN respelt = 1 THEN 'similar_id'
                                 ELSE 'no_key' END
         WHEN 'unchanged' THEN CASE WHEN gone = 1 THEN 'deleted_later_in_run'
                                    WHEN stale = 1 AND as_new = 1 THEN 'as_new_as_delete'
                                    WHEN stale = 1 THEN 'older_than_loaded'
                                    WHEN link_core IS NULL THEN 'unknown'
                                    ELSE 'same_checksum' END
       END AS reason,
       CASE WHEN outcome = 'review' AND (reuse = 1 OR in_run_reuse = 1) THEN reuse_evidence END AS evidence
FROM (
  SELECT d.*,
         CASE WHEN $policy = 'skip' AND decided IN ('linked', 'matched', 'deleted') THEN 'skipped_duplicate'
              WHEN $policy = 'update' AND decided = 'new' THEN 'not_found'
              ELSE decided END AS outcome
  FROM (
    SELECT i.seq, e.link_core, e.cluster_core, e.cluster_id, e.cluster_rows,
           e.cluster_reason, e.household, e.match_rank, e.reuse, e.in_run_reuse, e.reuse_evidence, e.stale, e.as_new, e.gone, e.respelt,
           CASE WHEN i.is_delete AND e.link_core IS NULL THEN 'unchanged'
                WHEN e.link_core IS NOT NULL AND (e.unchanged = 1 OR e.stale = 1) THEN 'unchanged'
                WHEN i.is_delete AND e.reuse = 1 AND $id_reused = 'review' THEN 'review'
                WHEN i.is_delete THEN 'deleted'
                WHEN e.gone = 1 THEN 'unchanged'
                WHEN e.reuse = 1 AND $id_reused = 'review' THEN 'review'
                WHEN e.link_core IS NOT NULL THEN 'linked'
                WHEN e.in_run_reuse = 1 AND $id_reused = 'review' THEN 'review'
                WHEN e.cluster_reason IS NOT NULL THEN 'review'
                WHEN e.cluster_core IS NOT NULL THEN 'matched'
                WHEN e.household = 1 AND $incompatible = 'review' THEN 'review'
                WHEN i.link_id IS NULL AND $no_key = 'review' THEN 'review'
                WHEN e.respelt = 1 AND $similar_id = 'review' THEN 'review'
                ELSE 'new' END AS decided
    FROM exceptions e
    RIGHT JOIN incoming i ON i.seq = e.seq
  ) d
)
