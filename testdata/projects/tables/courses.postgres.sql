CREATE TYPE course_status AS ENUM ('open', 'full', 'cancelled');
CREATE TABLE courses (
    tenant_id text NOT NULL DEFAULT 'default',
    id        bigserial NOT NULL,
    title     text NOT NULL,
    fee       numeric(12, 2) CONSTRAINT fee_is_paid CHECK (fee >= 0),
    starts    time,
    lasts     bigint,
    page      text,
    status    course_status,
    details   jsonb,
    room      uuid,
    tags      text[],
    days      date[],
    credits   bigint[],
    rates     numeric[],
    PRIMARY KEY (tenant_id, id)
);
