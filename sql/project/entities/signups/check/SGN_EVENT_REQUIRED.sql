/*---
rule: SGN_EVENT_REQUIRED
severity: error
mode: enforce
message: The sign-up names no event
hint: Fill in the id or the name of the event
fields: [event]
---*/
SELECT sequence_number, 'event' AS field, NULL AS value
FROM staged
WHERE event IS NULL AND event_unparsed IS NULL
