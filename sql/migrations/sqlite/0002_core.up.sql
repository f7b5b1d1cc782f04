-- Core tables of the shipped project.
-- A table of the same name that Importer did not make is taken as it is with --adopt: the section is skipped,
-- missing columns are added, a unique index on the key is added.

-- @table core_id_counters control
-- Stands for the sequences of Postgres: the next core id of a table, only ever raised.
CREATE TABLE core_id_counters (
    name    TEXT PRIMARY KEY,
    next_id INTEGER NOT NULL CHECK (next_id > 0)
) STRICT, WITHOUT ROWID;

-- @table contacts core
CREATE TABLE contacts (
    tenant_id         TEXT NOT NULL DEFAULT 'default',
    id                INTEGER NOT NULL,
    first_name        TEXT,
    last_name         TEXT,
    birth_date        TEXT,
    email             TEXT,
    phone             TEXT,
    street            TEXT,
    city              TEXT,
    postal_code       TEXT,
    country           TEXT,
    employer          TEXT,
    email_verified_at INTEGER,
    phone_verified_at INTEGER,
    created_at        INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_at        INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- @table volunteers core
CREATE TABLE volunteers (
    tenant_id      TEXT NOT NULL DEFAULT 'default',
    id             INTEGER NOT NULL,
    contact_id     INTEGER NOT NULL,
    is_active      INTEGER NOT NULL DEFAULT 1,
    deactivated_at INTEGER,
    deleted_reason TEXT,
    created_at     INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_at     INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, contact_id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- @table contact_emails core
CREATE TABLE contact_emails (
    tenant_id  TEXT NOT NULL DEFAULT 'default',
    contact_id INTEGER NOT NULL,
    email_key  TEXT NOT NULL,
    email      TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, contact_id, email_key),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_emails_key ON contact_emails (tenant_id, email_key);

-- @table contact_phones core
CREATE TABLE contact_phones (
    tenant_id  TEXT NOT NULL DEFAULT 'default',
    contact_id INTEGER NOT NULL,
    phone_key  TEXT NOT NULL,
    phone      TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, contact_id, phone_key),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
) STRICT, WITHOUT ROWID;
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
       coalesce(max(c.email_verified_at, c.phone_verified_at), c.email_verified_at, c.phone_verified_at) AS last_verified_at,
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
