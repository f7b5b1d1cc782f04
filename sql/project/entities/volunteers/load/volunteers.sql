/*---
table: volunteers
mode: row
key: [tenant_id, id]
after: [contacts]
insert_only: [contact_id, created_at]
---*/
SELECT
    tenant_id,
    core_id      AS id,
    core_id      AS contact_id,
    is_active,
    deactivated_at,
    deleted_reason,
    loaded_at    AS created_at,
    loaded_at    AS updated_at
FROM resolved
