-- Rows that still have to be decided: neither a delete, nor what was loaded last for their link, nor deleted later
-- in the same run.
SELECT i.*
FROM incoming i
LEFT ANTI JOIN (SELECT seq FROM link_hits WHERE unchanged OR stale) u ON u.seq = i.seq
LEFT ANTI JOIN gone_in_run g
  ON g.link_system = i.link_system AND g.link_id = i.link_id AND (g.gone_at > i.effective_at OR (g.gone_at = i.effective_at AND g.gone_seq > i.seq))
WHERE NOT i.is_delete
