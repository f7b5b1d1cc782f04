-- Everything about rows that are not simply new, with what their cluster may do. For most files these are few: all
-- small tables are joined here, and the joins behind them have one small side.
SELECT x.*, c.core_id AS cluster_core, c.row_count AS cluster_rows, c.reason AS cluster_reason
FROM (
  SELECT seq, max(cluster_id) AS cluster_id, max(in_run_reuse) AS in_run_reuse, max(reuse) AS reuse,
         max(link_core) AS link_core, max(unchanged) AS unchanged, max(stale) AS stale, max(as_new) AS as_new, max(gone) AS gone,
         min(match_rank) AS match_rank, max(household) AS household, max(respelt) AS respelt, min(evidence) AS reuse_evidence
  FROM (
    SELECT seq, cluster_id, 0 AS in_run_reuse, 0 AS reuse, CAST(NULL AS BIGINT) AS link_core,
           0 AS unchanged, 0 AS stale, 0 AS as_new, 0 AS gone, CAST(NULL AS BIGINT) AS match_rank, 0 AS household, 0 AS respelt,
           CAST(NULL AS VARCHAR) AS evidence
    FROM row_clusters
    UNION ALL
    SELECT seq, NULL, 1, 0, NULL, 0, 0, 0, 0, NULL, 0, 0, evidence FROM reused_in_run
    UNION ALL
    SELECT seq, NULL, 0, 1, NULL, 0, 0, 0, 0, NULL, 0, 0, evidence FROM reused
    UNION ALL
    SELECT seq, NULL, 0, 0, core_id, CASE WHEN unchanged THEN 1 ELSE 0 END, CASE WHEN stale THEN 1 ELSE 0 END, CASE WHEN as_new_as_delete THEN 1 ELSE 0 END, 0, NULL, 0, 0, NULL
    FROM link_hits
    UNION ALL
    SELECT i.seq, NULL, 0, 0, NULL, 0, 0, 0, 1, NULL, 0, 0, NULL
    FROM incoming i
    JOIN gone_in_run g
      ON g.link_system = i.link_system AND g.link_id = i.link_id
     AND (g.gone_at > i.effective_at OR (g.gone_at = i.effective_at AND g.gone_seq > i.seq))
    WHERE NOT i.is_delete
    UNION ALL
    SELECT seq, NULL, 0, 0, NULL, 0, 0, 0, 0, match_rank, 0, 0, NULL FROM row_match WHERE match_rank > 0
    UNION ALL
    SELECT seq, NULL, 0, 0, NULL, 0, 0, 0, 0, NULL, 1, 0, NULL FROM households
    UNION ALL
    SELECT seq, NULL, 0, 0, NULL, 0, 0, 0, 0, NULL, 0, 1, NULL FROM similar_ids
  )
  GROUP BY seq
) x
LEFT JOIN clusters c ON c.cluster_id = x.cluster_id
