/*---
rule: EVT_NAME_REQUIRED
severity: error
mode: enforce
message: The event has no name
hint: Fill in what the event is called
fields: [name]
---*/
SELECT sequence_number, 'name' AS field, NULL AS value
FROM staged
WHERE name IS NULL
