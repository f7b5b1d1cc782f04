-- The namespaces of the run, and whether rows with ids of their own are in them. Rows that are held name none: what stands
-- in their cells may be anything.
SELECT s.link_system, bool_or(NOT s.is_synthetic) AS has_ids
FROM staged s
LEFT ANTI JOIN (
  SELECT sequence_number FROM dq_violations WHERE severity = 'error' AND mode = 'enforce' AND sequence_number IS NOT NULL
) v ON v.sequence_number = s.sequence_number
WHERE s.link_system IS NOT NULL
GROUP BY s.link_system
ORDER BY s.link_system
