/*---
rule: LEAD_NAME_NOTHING
severity: warn
mode: enforce
message: The name is an e-mail address, a number, or the header of a column
hint: Write the person's names, or leave them empty
fields: [first_name, last_name]
---*/
SELECT sequence_number, 'last_name' AS field, concat_ws(' ', first_name, last_name) AS value
FROM staged
WHERE name_holds(first_name, last_name) IN ('address', 'number', 'header')
