/*---
rule: VOL_CONTACT_REQUIRED
severity: error
mode: warn
message: "Neither e-mail nor phone"
hint: "Add an e-mail address or a phone number"
fields: [email, phone]
---*/
SELECT sequence_number, 'email' AS field, email AS value FROM staged WHERE email IS NULL AND phone IS NULL
