/*---
rule: VOL_NAME_REQUIRED
severity: error
mode: enforce
message: The first name or the last name is missing
hint: Fill in both names; a single name column needs both in it, such as Anna Schmidt
fields: [first_name, last_name]
---*/
SELECT
    sequence_number,
    CASE WHEN first_name IS NULL THEN 'first_name' ELSE 'last_name' END AS field,
    full_name AS value
FROM staged
WHERE first_name IS NULL OR last_name IS NULL
