/*---
rule: SGN_VOLUNTEER_REQUIRED
severity: error
mode: enforce
message: The sign-up names no person
hint: Fill in who signed up, by id or e-mail address
fields: [volunteer]
---*/
SELECT sequence_number, 'volunteer' AS field, NULL AS value
FROM staged
WHERE volunteer IS NULL AND volunteer_unparsed IS NULL
