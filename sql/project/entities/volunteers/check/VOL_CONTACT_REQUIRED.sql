/*---
rule: VOL_CONTACT_REQUIRED
severity: error
mode: enforce
message: Neither an e-mail address nor a phone number
hint: Fill in at least one of e-mail and phone
fields: [email, phone]
---*/
SELECT sequence_number, 'email' AS field
FROM staged
-- A contact that cannot be read has a rule of its own.
WHERE email IS NULL
  AND phone IS NULL
  AND phone_unparsed IS NULL
  AND coalesce(cardinality(alternate_emails), 0) = 0
  AND coalesce(cardinality(alternate_phones), 0) = 0
