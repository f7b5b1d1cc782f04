/*---
mapping: students
version: 1
---*/
SELECT sequence_number, number, first_name, last_name, email, born, semester, faculty
FROM landed
