-- @alter clean_volunteers core
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
    ON m.tenant_id = v.tenant_id AND m.entity_type = 'volunteers' AND m.core_id = v.id
   AND (m.external_system, m.external_id) = (
       SELECT l.external_system, l.external_id
         FROM external_id_map l
        WHERE l.tenant_id = v.tenant_id AND l.entity_type = 'volunteers' AND l.core_id = v.id
        ORDER BY l.last_run_id DESC, l.external_system, l.external_id
        LIMIT 1);

-- @alter external_id_map control
ALTER TABLE external_id_map DROP COLUMN last_confirmed_at;
