/*---
rule: STU_SEMESTER
severity: warn
message: The semester is unusually high
hint: Check the number
fields: [semester]
---*/
SELECT sequence_number, 'semester' AS field, semester AS value
FROM staged
WHERE semester > 30
