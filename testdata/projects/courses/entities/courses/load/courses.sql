/*---
table: courses
mode: core
key: [tenant_id, id]
---*/
SELECT tenant_id, core_id AS id, title, fee, starts, lasts, page, status, details, room, tags, days, credits, rates
FROM resolved
