-- External ids that this run also deletes: an older version of such a record in the same run makes nothing new.
SELECT link_system, link_id, max(effective_at) AS gone_at
FROM incoming
WHERE is_delete AND link_id IS NOT NULL
GROUP BY link_system, link_id
