-- The records that rows of this run may be: each once, under the core row that has its link now, numbered downwards. Of a core
-- row with very many records the newest. A record whose run was rolled back has no owner.
SELECT -CAST(row_number() OVER (ORDER BY core_id, link_system, link_id, "_checksum") AS BIGINT) AS node, * EXCEPT (record, seen, nth)
FROM (
  SELECT *, row_number() OVER (PARTITION BY core_id ORDER BY "_at" DESC NULLS LAST, "_checksum", link_system, link_id) AS nth
  FROM (
    SELECT m.*, o.core_id,
           row_number() OVER (PARTITION BY m.link_system, m.link_id, m."_checksum" ORDER BY m.record) AS seen
    FROM index_met m
    JOIN index_owners o ON o.link_system = m.link_system AND o.link_id = m.link_id AND o.run_id = m."_run"
  )
  WHERE seen = 1
)
WHERE nth <= 20
