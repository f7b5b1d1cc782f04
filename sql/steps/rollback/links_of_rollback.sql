-- What a rollback made of each link: it wrote both sides down.
WITH was AS (
  SELECT core_id, seq, l['external_system'] AS external_system, l['external_id'] AS external_id,
         l['is_synthetic'] AS is_synthetic, l['was'] AS was
  FROM (SELECT core_id, lead_sequence_number AS seq, unnest(links) AS l FROM taken)
), became AS (
  SELECT core_id, l['external_system'] AS external_system, l['external_id'] AS external_id, l['link'] AS became
  FROM (SELECT core_id, unnest(links_after) AS l FROM taken)
)
SELECT w.core_id, w.seq, w.external_system, w.external_id, w.is_synthetic, w.was, b.became
FROM was w
LEFT JOIN became b ON b.core_id = w.core_id AND b.external_system = w.external_system AND b.external_id = w.external_id
