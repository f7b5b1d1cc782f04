-- External ids that this run also deletes, with the last delete of each: an older version of such a record in the same run makes
-- nothing new. At one time the later row of the run is the newer one.
SELECT link_system, link_id, max(effective_at) AS gone_at,
       last_value(seq ORDER BY effective_at NULLS FIRST, seq) AS gone_seq
FROM incoming
WHERE is_delete AND link_id IS NOT NULL
GROUP BY link_system, link_id
