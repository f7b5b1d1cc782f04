-- What a link said last, and which of a person's links the view of all people shows.

-- @alter external_id_map control
-- Until when the source has repeated what was loaded last for this link: an older version that arrives later is no news.
ALTER TABLE external_id_map ADD COLUMN last_confirmed_at INTEGER;

-- @alter clean_volunteers core
-- One link per person, and the same for everybody who asks: a real id before a synthetic one, then one of the source that
-- wrote last, then one that is active, then the one met last. The plus signs leave the index by core
-- id as the only one that fits; the key of the table begins with the tenant and would be gone through for every person.
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
  JOIN core_provenance p
    ON p.tenant_id = v.tenant_id AND p.entity_type = 'volunteers' AND p.core_id = v.id
  LEFT JOIN external_id_map m
    ON m.core_id = v.id AND +m.tenant_id = v.tenant_id AND +m.entity_type = 'volunteers'
   AND NOT EXISTS (
       SELECT 1
         FROM external_id_map b
        WHERE b.core_id = v.id AND +b.tenant_id = v.tenant_id AND +b.entity_type = 'volunteers'
          AND (b.is_synthetic, b.external_system <> p.source, 1 - b.is_active, -b.last_run_id, b.external_system, b.external_id)
            < (m.is_synthetic, m.external_system <> p.source, 1 - m.is_active, -m.last_run_id, m.external_system, m.external_id));
