/*---
rule: VOL_DELETE_KEY
severity: error
mode: enforce
message: A record is to be deleted, and nothing says which
hint: Fill in the external id; without one, the e-mail or phone and both names as they were imported
fields: [external_id, email, phone]
deletes: true
---*/
SELECT sequence_number, 'external_id' AS field
FROM staged
WHERE is_delete AND external_id IS NULL AND email IS NULL AND phone IS NULL
