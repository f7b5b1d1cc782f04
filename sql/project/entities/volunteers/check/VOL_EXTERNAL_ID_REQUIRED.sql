/*---
rule: VOL_EXTERNAL_ID_REQUIRED
severity: error
mode: enforce
policy: external_id
message: The row has no external id, and this source requires one
hint: Fill in the id that the record has in the source system, or write `external_id` optional in the source file
fields: [external_id]
deletes: true
---*/
SELECT sequence_number, 'external_id' AS field
FROM staged
WHERE external_id IS NULL
