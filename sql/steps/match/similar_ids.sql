-- Rows that may be somebody who is there already under another spelling of their id, and the rows that hang together with
-- them: of none of them a new person is made.
WITH doubtful AS (
  SELECT link_system, link_id FROM similar_known
  UNION
  SELECT link_system, left_id FROM similar_in_run WHERE one_person
  UNION
  SELECT link_system, right_id FROM similar_in_run WHERE one_person
), rows AS (
  SELECT n.seq, c.cluster_id
  FROM new_ids n
  JOIN doubtful d ON d.link_system = n.link_system AND d.link_id = n.link_id
  LEFT JOIN row_clusters c ON c.seq = n.seq
)
SELECT seq FROM rows
UNION
SELECT c.seq FROM row_clusters c JOIN rows r ON r.cluster_id = c.cluster_id
