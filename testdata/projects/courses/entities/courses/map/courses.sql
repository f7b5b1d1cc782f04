/*---
mapping: courses
version: 1
---*/
SELECT sequence_number, code, title, fee, starts, lasts, page, status, details, room, tags, days, credits, rates
FROM landed
