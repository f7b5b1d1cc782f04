-- @alter contact_phones core
ALTER TABLE contact_phones DROP CONSTRAINT contact_phones_pkey, ADD PRIMARY KEY (tenant_id, contact_id, phone_key);
DROP INDEX contact_phones_key;
CREATE INDEX contact_phones_key ON contact_phones (tenant_id, phone_key);

-- @alter contact_emails core
ALTER TABLE contact_emails DROP CONSTRAINT contact_emails_pkey, ADD PRIMARY KEY (tenant_id, contact_id, email_key);
DROP INDEX contact_emails_key;
CREATE INDEX contact_emails_key ON contact_emails (tenant_id, email_key);

-- @alter volunteers core
ALTER TABLE volunteers DROP CONSTRAINT volunteers_pkey, ADD PRIMARY KEY (tenant_id, id);
ALTER TABLE volunteers DROP CONSTRAINT volunteers_contact,
    ADD CONSTRAINT volunteers_tenant_id_contact_id_key UNIQUE (tenant_id, contact_id);

-- @alter contacts core
ALTER TABLE contacts DROP CONSTRAINT contacts_pkey, ADD PRIMARY KEY (tenant_id, id);

-- @alter core_provenance control
ALTER TABLE importer.core_provenance DROP CONSTRAINT core_provenance_pkey,
    ADD PRIMARY KEY (tenant_id, entity_type, core_id);

-- @alter external_id_map control
ALTER TABLE importer.external_id_map DROP CONSTRAINT external_id_map_pkey,
    ADD PRIMARY KEY (tenant_id, entity_type, external_system, external_id) INCLUDE (core_id);
DROP INDEX importer.external_id_map_core;
CREATE INDEX external_id_map_core ON importer.external_id_map (tenant_id, entity_type, core_id);
