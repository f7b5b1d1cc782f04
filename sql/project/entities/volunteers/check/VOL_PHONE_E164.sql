/*---
rule: VOL_PHONE_E164
severity: error
mode: enforce
message: The phone number is not valid
hint: Write it with its country code, such as +1 202 555 0143, or fill in the country; numbers without either are read in the default_region of the source
fields: [phone]
---*/
SELECT sequence_number, 'phone' AS field, phone_unparsed AS value
FROM staged
WHERE phone_unparsed IS NOT NULL
