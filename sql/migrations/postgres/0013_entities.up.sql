-- Core tables of three more shipped entities. Events are no people; leads are people who may become supporters; a sign-up
-- names a person and an event, by their core ids.
-- Children have no foreign key to their parent, as in 0002.

-- @table events core
CREATE SEQUENCE events_id_seq AS bigint;
CREATE TABLE events (
    tenant_id      text COLLATE "C" NOT NULL DEFAULT 'default',
    id             bigint NOT NULL DEFAULT nextval('events_id_seq'),
    name           text,
    starts_at      timestamptz,
    ends_at        timestamptz,
    place          text,
    capacity       bigint,
    status         text,
    page           text,
    description    text,
    is_active      boolean NOT NULL DEFAULT true,
    deactivated_at timestamptz,
    deleted_reason text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
ALTER SEQUENCE events_id_seq OWNED BY events.id;
CREATE INDEX events_name_and_time ON events (name, starts_at, tenant_id);

-- @table leads core
CREATE SEQUENCE leads_id_seq AS bigint;
CREATE TABLE leads (
    tenant_id       text COLLATE "C" NOT NULL DEFAULT 'default',
    id              bigint NOT NULL DEFAULT nextval('leads_id_seq'),
    first_name      text,
    last_name       text,
    email           text,
    phone           text,
    company         text,
    country         text,
    status          text,
    lead_source     text,
    expected_amount numeric(14, 2),
    is_active       boolean NOT NULL DEFAULT true,
    deactivated_at  timestamptz,
    deleted_reason  text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
ALTER SEQUENCE leads_id_seq OWNED BY leads.id;

-- @table lead_emails core
CREATE TABLE lead_emails (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT 'default',
    lead_id    bigint NOT NULL,
    email_key  text COLLATE "C" NOT NULL,
    email      text NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, lead_id, email_key)
);
CREATE INDEX lead_emails_key ON lead_emails (email_key, tenant_id);

-- @table lead_phones core
CREATE TABLE lead_phones (
    tenant_id  text COLLATE "C" NOT NULL DEFAULT 'default',
    lead_id    bigint NOT NULL,
    phone_key  text COLLATE "C" NOT NULL,
    phone      text NOT NULL,
    is_primary boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, lead_id, phone_key)
);
CREATE INDEX lead_phones_key ON lead_phones (phone_key, tenant_id);

-- @table signups core
CREATE SEQUENCE signups_id_seq AS bigint;
CREATE TABLE signups (
    tenant_id      text COLLATE "C" NOT NULL DEFAULT 'default',
    id             bigint NOT NULL DEFAULT nextval('signups_id_seq'),
    volunteer_id   bigint,
    event_id       bigint,
    status         text,
    attended       boolean,
    hours          numeric(8, 2),
    signed_up_at   timestamptz,
    note           text,
    is_active      boolean NOT NULL DEFAULT true,
    deactivated_at timestamptz,
    deleted_reason text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
ALTER SEQUENCE signups_id_seq OWNED BY signups.id;
CREATE INDEX signups_person_and_event ON signups (volunteer_id, event_id, tenant_id);
CREATE INDEX signups_event ON signups (event_id, tenant_id);
