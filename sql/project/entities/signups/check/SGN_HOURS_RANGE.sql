/*---
rule: SGN_HOURS_RANGE
severity: warn
mode: enforce
message: The hours of one event are less than none or more than two days
hint: Check the hours; minutes may have been written
fields: [hours]
---*/
SELECT sequence_number, 'hours' AS field, CAST(hours AS VARCHAR) AS value
FROM staged
WHERE hours < 0 OR hours > 48
