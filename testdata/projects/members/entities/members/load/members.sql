/*---
table: members
mode: core
key: [member_id]
numbered: true
---*/
SELECT
    core_id AS member_id,
    first_name,
    last_name,
    email   AS mail,
    city
FROM resolved
