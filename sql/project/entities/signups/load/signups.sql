/*---
table: signups
mode: core
key: [tenant_id, id]
insert_only: [created_at]
---*/
SELECT
    tenant_id,
    core_id      AS id,
    volunteer    AS volunteer_id,
    event        AS event_id,
    status,
    attended,
    hours,
    signed_up_at,
    note,
    is_active,
    deactivated_at,
    deleted_reason,
    loaded_at    AS created_at,
    loaded_at    AS updated_at
FROM resolved
