/*---
mapping: members
version: 1
---*/
SELECT sequence_number, number, changed, first_name, last_name, email, city
FROM landed
