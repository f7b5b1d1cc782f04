/*---
rule: VOL_EMAIL_FORMAT
severity: error
mode: enforce
message: The e-mail address is not valid
hint: Write one address such as anna@example.org; further addresses belong in another e-mail column
fields: [email]
---*/
SELECT sequence_number, 'email' AS field, email AS value
FROM staged
WHERE email IS NOT NULL AND NOT is_email(email)
