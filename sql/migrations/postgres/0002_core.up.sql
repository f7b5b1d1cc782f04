-- Core tables of the shipped project, unqualified: the connection's search_path is the core schema.
-- A table of the same name that Importer did not make is taken as it is with --adopt: the section is skipped,
-- missing columns are added, a unique index on the key is added.
--
-- Children have no foreign key to contacts: its check locks the parent row once per child and costs 6 to 10 seconds a
-- million rows, more than the COPY itself (docs/adr/0005). Rows go in with their parent in one transaction, and
-- `importer doctor` looks for orphans that somebody else left.

-- @table contacts core
CREATE SEQUENCE contacts_id_seq AS bigint;
CREATE TABLE contacts (
    tenant_id         text COLLATE "C" NOT NULL DEFAULT 'default',
    id                bigint NOT NULL DEFAULT nextval('contacts_id_seq'),
    first_name        text,
    last_name         text,
    birth_date        date,
    email             text,
    phone             text,
    street            text,
    city              text,
    postal_code       text,
    country           text,
    employer          text,
    email_verified_at timestamptz,
    phone_verified_at timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
ALTER SEQUENCE contacts_id_seq OWNED BY contacts.id;

-- @table volunteers core
CREATE TABLE volunteers (
    tenant_id      text COLLATE "C" NOT NULL DEFAULT 'default',
    id             bigint NOT NULL DEFAULT nextval('contacts_id_seq'),
    contact_id     bigint NOT NULL,
    is_active      boolean NOT NULL DEFAULT true,
    deactivated_at timestamptz,
    deleted_reason text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, contact_id)
);

-- @table contact_emails core
CREATE TABLE contact_emails (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT 'default',
    contact_id bigint NOT NULL,
    email_key  text COLLATE "C" NOT NULL,
    email      text NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, contact_id, email_key)
);
CREATE INDEX contact_emails_key ON contact_emails (tenant_id, email_key);

-- @table contact_phones core
CREATE TABLE contact_phones (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT 'default',
    contact_id bigint NOT NULL,
    phone_key  text COLLATE "C" NOT NULL,
    phone      text NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, contact_id, phone_key)
);
CREATE INDEX contact_phones_key ON contact_phones (tenant_id, phone_key);

-- @view core_people core
CREATE VIEW core_people AS
SELECT c.tenant_id,
       c.id,
       c.first_name,
       c.last_name,
       (SELECT min(e.email_key) FROM contact_emails e
         WHERE e.tenant_id = c.tenant_id AND e.contact_id = c.id AND e.is_primary) AS normalized_email,
       (SELECT min(p.phone_key) FROM contact_phones p
         WHERE p.tenant_id = c.tenant_id AND p.contact_id = c.id AND p.is_primary) AS normalized_phone,
       greatest(c.email_verified_at, c.phone_verified_at) AS last_verified_at,
       v.is_active
  FROM contacts c
  JOIN volunteers v ON v.tenant_id = c.tenant_id AND v.contact_id = c.id;

-- @view clean_volunteers core
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
       m.run_id      AS first_run_id,
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
        ORDER BY l.last_run_id DESC, l.external_system, l.external_id
        LIMIT 1) m ON true;
