/*---
table: events
mode: core
key: [tenant_id, id]
insert_only: [created_at]
---*/
SELECT
    tenant_id,
    core_id      AS id,
    name,
    starts_at,
    ends_at,
    place,
    capacity,
    status,
    page,
    description,
    is_active,
    deactivated_at,
    deleted_reason,
    loaded_at    AS created_at,
    loaded_at    AS updated_at
FROM resolved
