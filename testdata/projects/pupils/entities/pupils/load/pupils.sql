/*---
table: pupils
mode: core
key: [school, nr]
numbered: true
---*/
SELECT
    core_id,
    school,
    number    AS nr,
    full_name,
    class
FROM resolved
