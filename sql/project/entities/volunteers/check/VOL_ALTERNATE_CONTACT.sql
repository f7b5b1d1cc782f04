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
    concat_ws(', ', alternate_emails_unparsed, alternate_phones_unparsed) AS value,
    CASE WHEN alternate_emails_unparsed IS NULL AND split_part(alternate_phones_told, ':', 1) IN ('fax', 'wrong', 'none to call')
         THEN 'A further phone number is a fax or said to be wrong, and is left out' END AS message,
    CASE WHEN alternate_emails_unparsed IS NULL AND split_part(alternate_phones_told, ':', 1) IN ('fax', 'wrong', 'none to call')
         THEN 'Nothing is to be done, unless somebody answers there' END AS hint
FROM staged
WHERE alternate_emails_unparsed IS NOT NULL OR alternate_phones_unparsed IS NOT NULL
