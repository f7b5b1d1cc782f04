/*---
rule: VOL_NAME_TWO_GIVEN
severity: warn
mode: enforce
message: Two given names with a comma between stand in the name, which may be two people
hint: If they are two people, give each of them a row; if the first is a family name, give the names in two columns
fields: [full_name]
---*/
SELECT sequence_number, 'full_name' AS field, full_name AS value
FROM staged
WHERE full_name LIKE '%,%'
  AND (first_name IS NOT DISTINCT FROM name_given(full_name))
  AND name_holds(full_name, NULL) = 'people'
  AND (name_holds(first_name, last_name) IS DISTINCT FROM 'people')
