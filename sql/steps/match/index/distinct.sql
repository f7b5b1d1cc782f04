-- Each record of a link once from the first run that had it, and once from the last one: the first may have been rolled back, and
-- loaded anew since. Of many versions of one link the newest. In the order of links, so that the order in which runs were
-- taken in does not show.
SELECT * EXCEPT (seen, first, last, newest, nth)
FROM (
  SELECT *, dense_rank() OVER (PARTITION BY link_system, link_id ORDER BY newest DESC NULLS LAST, "_checksum") AS nth
  FROM (
    SELECT *, row_number() OVER (PARTITION BY link_system, link_id, "_checksum", "_run" ORDER BY "_at" DESC NULLS LAST) AS seen,
           max("_at") OVER (PARTITION BY link_system, link_id, "_checksum") AS newest,
           min("_run") OVER (PARTITION BY link_system, link_id, "_checksum") AS first,
           max("_run") OVER (PARTITION BY link_system, link_id, "_checksum") AS last
    FROM index_found
  )
  WHERE seen = 1 AND "_run" IN (first, last)
)
WHERE nth <= 20
ORDER BY link_system, link_id, "_at", "_checksum", "_run"
