/*---
table: lead_phones
mode: child_set
set: phones
key: [tenant_id, lead_id, phone_key]
after: [leads]
insert_only: [created_at]
---*/
SELECT
    tenant_id,
    core_id              AS lead_id,
    item['key']          AS phone_key,
    item['value']        AS phone,
    item['is_primary']   AS is_primary,
    loaded_at            AS created_at
FROM (SELECT tenant_id, core_id, loaded_at, unnest(phones) AS item FROM resolved) AS items
