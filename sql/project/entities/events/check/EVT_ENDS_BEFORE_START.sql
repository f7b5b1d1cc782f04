/*---
rule: EVT_ENDS_BEFORE_START
severity: warn
mode: enforce
message: The event ends before it starts
hint: Check both times; day and month may have changed places
fields: [starts_at, ends_at]
---*/
SELECT sequence_number, 'ends_at' AS field, CAST(ends_at AS VARCHAR) AS value
FROM staged
WHERE ends_at < starts_at
