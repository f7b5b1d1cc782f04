/*---
table: students
mode: core
key: [tenant_id, id]
insert_only: [created_at]
---*/
SELECT
    tenant_id,
    core_id AS id,
    first_name,
    last_name,
    email,
    born,
    semester,
    faculty,
    loaded_at AS created_at
FROM resolved
