/*---
rule: LEAD_NAME_COMPANY
severity: warn
mode: enforce
message: The name is that of a company, a club or a town, not of a person
hint: Write the organisation under company, and the person's names beside it
fields: [first_name, last_name]
---*/
SELECT sequence_number, 'last_name' AS field, concat_ws(' ', first_name, last_name) AS value
FROM staged
WHERE name_holds(first_name, last_name) = 'company'
