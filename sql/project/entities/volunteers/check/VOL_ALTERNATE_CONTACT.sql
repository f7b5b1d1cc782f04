/*---
rule: VOL_ALTERNATE_CONTACT
severity: warn
mode: enforce
message: A further e-mail address or phone number is not valid and is left out
hint: Correct it, and separate several with commas
fields: [alternate_emails, alternate_phones]
---*/
SELECT
    sequence_number,
    CASE WHEN alternate_emails_unparsed IS NOT NULL THEN 'alternate_emails' ELSE 'alternate_phones' END AS field,
    concat_ws(', ', alternate_emails_unparsed, alternate_phones_unparsed) AS value
FROM staged
WHERE alternate_emails_unparsed IS NOT NULL OR alternate_phones_unparsed IS NOT NULL
