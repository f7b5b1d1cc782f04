/*---
rule: LEAD_NAME_REQUIRED
severity: error
mode: enforce
message: The lead has neither a name nor an organisation
hint: Fill in who it is
fields: [last_name, first_name, company]
---*/
SELECT sequence_number, 'last_name' AS field, NULL AS value
FROM staged
WHERE last_name IS NULL AND first_name IS NULL AND company IS NULL
