/*---
mapping: events
version: 1
description: a list of events; its headers have been matched
---*/
SELECT
    sequence_number,
    external_system,
    external_id,
    source_updated_at,
    is_deleted,
    name,
    starts_at,
    ends_at,
    place,
    capacity,
    status,
    page,
    description
FROM landed
