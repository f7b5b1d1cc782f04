/*---
rule: SGN_ABSENT_WITH_HOURS
severity: warn
mode: enforce
message: Hours are written for somebody who was not there
hint: Correct the hours, the attendance or the status
fields: [hours, attended, status]
---*/
SELECT sequence_number, 'hours' AS field, CAST(hours AS VARCHAR) AS value
FROM staged
WHERE hours > 0 AND (attended = false OR status IN ('no_show', 'cancelled'))
