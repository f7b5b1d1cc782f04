
  UNION
  SELECT l.cluster_id
  FROM decided d
  JOIN row_clusters l ON l.seq = d.seq
  JOIN row_clusters r ON r.seq = d.other_seq AND r.cluster_id = l.cluster_id
  WHERE NOT d.same
  UNION
  SELECT l.cluster_id
  FROM decided d
  JOIN row_clusters l ON l.seq = d.seq
  JOIN core_clusters c ON c.core_id = d.core_id AND c.cluster_id = l.cluster_id
  WHERE NOT d.same