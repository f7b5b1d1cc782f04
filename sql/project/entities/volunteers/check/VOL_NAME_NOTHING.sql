/*---
rule: VOL_NAME_NOTHING
severity: error
mode: enforce
message: The names are words for nothing, or something else than a name
hint: Fill in the names; a family name such as Null stands beside a given name
fields: [first_name, last_name]
---*/
SELECT
    sequence_number,
    'first_name' AS field,
    concat_ws(' ', first_name, last_name) AS value,
    CASE name_holds(first_name, last_name)
        WHEN 'address' THEN 'An e-mail address stands among the names'
        WHEN 'number'  THEN 'There is no letter in either name'
        WHEN 'header'  THEN 'The names are those of the columns, as in a template'
        WHEN 'title'   THEN 'A form of address stands in the place of the first name'
        ELSE                'Both names are words for nothing'
    END AS message
FROM staged
WHERE first_name IS NOT NULL
  AND last_name IS NOT NULL
  AND (null_if_word(first_name, 'text') IS NULL AND null_if_word(last_name, 'text') IS NULL
       OR coalesce(name_holds(first_name, last_name) IN ('address', 'number', 'header', 'title'), false))
