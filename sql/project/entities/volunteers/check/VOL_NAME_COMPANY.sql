/*---
rule: VOL_NAME_COMPANY
severity: error
mode: enforce
breaker: false
message: The name is that of a company, a club or a town, not of a person
hint: Write the person's names, and the company under employer
fields: [first_name, last_name, full_name]
---*/
SELECT
    sequence_number,
    CASE WHEN full_name IS NULL THEN 'last_name' ELSE 'full_name' END AS field,
    coalesce(full_name, concat_ws(' ', first_name, last_name)) AS value
FROM staged
WHERE name_holds(first_name, last_name) = 'company'
