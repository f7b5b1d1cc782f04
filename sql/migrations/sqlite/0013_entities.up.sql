-- Core tables of three more shipped entities. Events are no people; leads are people who may become supporters; a sign-up
-- names a person and an event, by their core ids.

-- @table events core
CREATE TABLE events (
    tenant_id TEXT NOT NULL DEFAULT 'default',
    id INTEGER NOT NULL,
    name TEXT,
    starts_at INTEGER,
    ends_at INTEGER,
    place TEXT,
    capacity INTEGER,
    status TEXT,
    page TEXT,
    description TEXT,
    is_active INTEGER NOT NULL DEFAULT 1,
    deactivated_at INTEGER,
    deleted_reason TEXT,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_name_and_time ON events (name, starts_at, tenant_id);

-- @table leads core
CREATE TABLE leads (
    tenant_id TEXT NOT NULL DEFAULT 'default',
    id INTEGER NOT NULL,
    first_name TEXT,
    last_name TEXT,
    email TEXT,
    phone TEXT,
    company TEXT,
    country TEXT,
    status TEXT,
    lead_source TEXT,
    expected_amount TEXT,
    is_active INTEGER NOT NULL DEFAULT 1,
    deactivated_at INTEGER,
    deleted_reason TEXT,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;

-- @table lead_emails core
CREATE TABLE lead_emails (
    tenant_id TEXT NOT NULL DEFAULT 'default',
    lead_id INTEGER NOT NULL,
    email_key TEXT NOT NULL,
    email TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, lead_id, email_key),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_emails_key ON lead_emails (email_key, tenant_id);

-- @table lead_phones core
CREATE TABLE lead_phones (
    tenant_id TEXT NOT NULL DEFAULT 'default',
    lead_id INTEGER NOT NULL,
    phone_key TEXT NOT NULL,
    phone TEXT NOT NULL,
    is_primary INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, lead_id, phone_key),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX lead_phones_key ON lead_phones (phone_key, tenant_id);

-- @table signups core
CREATE TABLE signups (
    tenant_id TEXT NOT NULL DEFAULT 'default',
    id INTEGER NOT NULL,
    volunteer_id INTEGER,
    event_id INTEGER,
    status TEXT,
    attended INTEGER,
    hours TEXT,
    signed_up_at INTEGER,
    note TEXT,
    is_active INTEGER NOT NULL DEFAULT 1,
    deactivated_at INTEGER,
    deleted_reason TEXT,
    created_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    updated_at INTEGER NOT NULL DEFAULT (CAST((julianday('now') - 2440587.5) * 86400000.0 AS INTEGER) * 1000),
    PRIMARY KEY (tenant_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX signups_person_and_event ON signups (volunteer_id, event_id, tenant_id);
CREATE INDEX signups_event ON signups (event_id, tenant_id);
