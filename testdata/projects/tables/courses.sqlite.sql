CREATE TABLE courses (
    tenant_id TEXT NOT NULL DEFAULT 'default',
    id        INTEGER NOT NULL,
    title     TEXT NOT NULL,
    fee       TEXT CONSTRAINT fee_is_paid CHECK (CAST(fee AS REAL) >= 0),
    starts    TEXT,
    lasts     INTEGER,
    page      TEXT,
    status    TEXT,
    details   TEXT,
    room      TEXT,
    tags      TEXT,
    days      TEXT,
    credits   TEXT,
    rates     TEXT,
    PRIMARY KEY (tenant_id, id)
);
