/*---
table: leads
mode: core
key: [tenant_id, id]
insert_only: [created_at]
---*/
SELECT
    tenant_id,
    core_id      AS id,
    first_name,
    last_name,
    email,
    phone,
    company,
    country,
    status,
    lead_source,
    expected_amount,
    is_active,
    deactivated_at,
    deleted_reason,
    loaded_at    AS created_at,
    loaded_at    AS updated_at
FROM resolved
