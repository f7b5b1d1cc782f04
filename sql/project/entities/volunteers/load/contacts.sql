/*---
table: contacts
mode: core
key: [tenant_id, id]
insert_only: [created_at]
---*/
SELECT
    tenant_id,
    core_id      AS id,
    first_name,
    last_name,
    birth_date,
    email,
    phone,
    street,
    city,
    postal_code,
    country,
    employer,
    email_verified_at,
    phone_verified_at,
    loaded_at    AS created_at,
    loaded_at    AS updated_at
FROM resolved
