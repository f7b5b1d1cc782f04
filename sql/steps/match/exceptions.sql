-- Everything about rows that are not simply new. For most files these are few, and the join behind it stays small.
SELECT seq, max(cluster_id) AS cluster_id, max(in_run_reuse) AS in_run_reuse, max(reuse) AS reuse,
       max(link_core) AS link_core, max(unchanged) AS unchanged, max(stale) AS stale, max(gone) AS gone,
       min(match_rank) AS match_rank
FROM (
  SELECT seq, cluster_id, 0 AS in_run_reuse, 0 AS reuse, CAST(NULL AS BIGINT) AS link_core,
         0 AS unchanged, 0 AS stale, 0 AS gone, CAST(NULL AS BIGINT) AS match_rank
  FROM row_clusters
  UNION ALL
  SELECT seq, NULL, 1, 0, NULL, 0, 0, 0, NULL FROM reused_in_run
  UNION ALL
  SELECT seq, NULL, 0, 1, NULL, 0, 0, 0, NULL FROM reused
  UNION ALL
  SELECT seq, NULL, 0, 0, core_id, CASE WHEN unchanged THEN 1 ELSE 0 END, CASE WHEN stale THEN 1 ELSE 0 END, 0, NULL
  FROM link_hits
  UNION ALL
  SELECT i.seq, NULL, 0, 0, NULL, 0, 0, 1, NULL
  FROM incoming i
  JOIN gone_in_run g ON g.link_system = i.link_system AND g.link_id = i.link_id AND g.gone_at > i.effective_at
  WHERE NOT i.is_delete
  UNION ALL
  SELECT seq, NULL, 0, 0, NULL, 0, 0, 0, match_rank FROM row_match WHERE match_rank > 0
)
GROUP BY seq
