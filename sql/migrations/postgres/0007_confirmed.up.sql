-- What a link said last, and which of a person's links the view of all people shows.

-- @alter external_id_map control
-- Until when the source has repeated what was loaded last for this link: an older version that arrives later is no news.
ALTER TABLE importer.external_id_map ADD COLUMN last_confirmed_at timestamptz;

-- @alter clean_volunteers core
-- One link per person, and the same for everybody who asks: a real id before a synthetic one, then one of the source that
-- wrote last, then one that is active, then the one met last.
DROP VIEW clean_volunteers;
CREATE VIEW clean_volunteers AS
SELECT v.tenant_id,
       v.id,
       v.contact_id,
       c.first_name, c.last_name, c.birth_date, c.email, c.phone,
       c.street, c.city, c.postal_code, c.country, c.employer,
       c.email_verified_at, c.phone_verified_at,
       v.is_active, v.deactivated_at, v.deleted_reason,
       p.load_action,
       p.source,
       p.effective_at,
       p.run_id,
       p.sequence_number,
       m.external_system,
       m.external_id,
       m.run_id        AS first_run_id,
       m.last_run_id,
       m.last_checksum AS checksum
  FROM volunteers v
  JOIN contacts c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id
  JOIN importer.core_provenance p
    ON p.tenant_id = v.tenant_id AND p.entity_type = 'volunteers' AND p.core_id = v.id
  LEFT JOIN LATERAL (
       SELECT l.external_system, l.external_id, l.run_id, l.last_run_id, l.last_checksum
         FROM importer.external_id_map l
        WHERE l.tenant_id = v.tenant_id AND l.entity_type = 'volunteers' AND l.core_id = v.id
        ORDER BY l.is_synthetic, l.external_system <> p.source, NOT l.is_active, l.last_run_id DESC, l.external_system, l.external_id
        LIMIT 1) m ON true;
