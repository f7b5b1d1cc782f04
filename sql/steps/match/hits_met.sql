-- Two ids of one namespace are the source's word for two people. Somebody took another name only where the old one is
-- not in this run as well.
SELECT m.*, s.core_id IS NOT NULL AS two_ids, s.core_id IS NULL AND v.core_id IS NULL AS may_rename
FROM met m
LEFT JOIN (SELECT DISTINCT core_id, system FROM doubt_links WHERE system IS NOT NULL) s
  ON s.core_id = m.core_id AND s.system = m.system AND m.has_id AND m.own_core IS NULL
LEFT JOIN (SELECT DISTINCT core_id FROM doubt_links WHERE visited) v
  ON v.core_id = m.core_id AND m.own_core IS DISTINCT FROM m.core_id
