/*---
rule: VOL_NAME_NOTHING
severity: error
mode: enforce
message: Both names are words for nothing
hint: Fill in the names; a family name such as Null stands beside a given name
fields: [first_name, last_name]
---*/
SELECT sequence_number, 'first_name' AS field, concat_ws(' ', first_name, last_name) AS value
FROM staged
WHERE first_name IS NOT NULL
  AND last_name IS NOT NULL
  AND null_if_word(first_name, 'text') IS NULL
  AND null_if_word(last_name, 'text') IS NULL
