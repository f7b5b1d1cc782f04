-- @alter contact_phones core
DROP INDEX contact_phones_key;
CREATE INDEX contact_phones_key ON contact_phones (tenant_id, phone_key);

-- @alter contact_emails core
DROP INDEX contact_emails_key;
CREATE INDEX contact_emails_key ON contact_emails (tenant_id, email_key);

-- @alter external_id_map control
DROP INDEX external_id_map_core;
CREATE INDEX external_id_map_core ON external_id_map (tenant_id, entity_type, core_id);
