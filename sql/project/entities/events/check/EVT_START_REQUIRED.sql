/*---
rule: EVT_START_REQUIRED
severity: error
mode: enforce
message: The event has no beginning
hint: Fill in when it starts, such as 2025-05-03 09:00
fields: [starts_at]
---*/
SELECT sequence_number, 'starts_at' AS field, NULL AS value
FROM staged
WHERE starts_at IS NULL AND starts_at_unparsed IS NULL
