/*---
rule: VOL_BIRTH_DATE_PLAUSIBLE
severity: warn
mode: enforce
message: The date of birth lies in the future, or more than 120 years back
hint: Check the year; two-digit years and swapped day and month are the usual cause
fields: [birth_date]
---*/
SELECT sequence_number, 'birth_date' AS field, CAST(birth_date AS VARCHAR) AS value
FROM staged
WHERE birth_date > CAST(effective_at AS DATE)
   OR birth_date < CAST(effective_at AS DATE) - INTERVAL '120' YEAR
