/*---
rule: LEAD_EMAIL_FORMAT
severity: error
mode: enforce
message: The e-mail address is not valid
hint: Write one address such as anna@example.org
fields: [email]
---*/
SELECT sequence_number, 'email' AS field, email AS value
FROM staged
WHERE email IS NOT NULL AND NOT is_email(email)
