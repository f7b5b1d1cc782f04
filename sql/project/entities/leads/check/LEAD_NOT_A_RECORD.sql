/*---
rule: LEAD_NOT_A_RECORD
severity: error
mode: enforce
breaker: false
message: The line is a total or a note about the list, not a lead
hint: Nothing is to be done; delete the line to be rid of this finding
fields: [first_name, last_name, external_id]
---*/
SELECT
    sequence_number,
    CASE WHEN first_name IS NOT NULL THEN 'first_name' WHEN last_name IS NOT NULL THEN 'last_name' ELSE 'external_id' END AS field,
    concat_ws(' ', first_name, last_name) AS value
FROM staged
WHERE name_holds(first_name, last_name) IN ('total', 'footer')
   -- The first column may be another one than that of the names.
   OR (last_name IS NULL AND name_holds(external_id, NULL) IN ('total', 'footer'))
