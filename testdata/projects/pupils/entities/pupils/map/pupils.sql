/*---
mapping: pupils
version: 1
---*/
SELECT sequence_number, school, number, changed, full_name, class
FROM landed
