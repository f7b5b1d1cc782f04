-- Each record of a link once, from the first run that had it; of many versions of one link the newest. In the order of
-- links, so that the order in which runs were taken in does not show.
SELECT * EXCEPT (seen, nth)
FROM (
  SELECT *, row_number() OVER (PARTITION BY link_system, link_id ORDER BY "_at" DESC NULLS LAST, "_checksum") AS nth
  FROM (
    SELECT *, row_number() OVER (PARTITION BY link_system, link_id, "_checksum" ORDER BY "_run") AS seen
    FROM index_found
  )
  WHERE seen = 1
)
WHERE nth <= 20
ORDER BY link_system, link_id, "_at", "_checksum"
