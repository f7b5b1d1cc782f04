-- The order of columns in indexes that find rows: what tells rows apart comes first. The tables themselves are trees in key
-- order and stay as they are. Adopted tables keep their own indexes.

-- @alter external_id_map control
DROP INDEX external_id_map_core;
CREATE INDEX external_id_map_core ON external_id_map (core_id, tenant_id, entity_type);

-- @alter contact_emails core
DROP INDEX contact_emails_key;
CREATE INDEX contact_emails_key ON contact_emails (email_key, tenant_id);

-- @alter contact_phones core
DROP INDEX contact_phones_key;
CREATE INDEX contact_phones_key ON contact_phones (phone_key, tenant_id);
