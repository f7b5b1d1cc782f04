/*---
rule: LEAD_NAME_PEOPLE
severity: error
mode: enforce
breaker: false
message: Two or more people stand in one row
hint: Give each of them a row of their own, with their own e-mail address and phone number
fields: [first_name, last_name]
---*/
SELECT sequence_number, 'first_name' AS field, concat_ws(' ', first_name, last_name) AS value
FROM staged
WHERE name_holds(first_name, last_name) = 'people'
