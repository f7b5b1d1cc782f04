/*---
rule: VOL_EMAIL_TYPO
severity: warn
mode: enforce
message: The e-mail address looks misspelt
hint: Check what stands after the @; the suggested value is the provider that is probably meant
fields: [email]
---*/
SELECT
    sequence_number,
    'email' AS field,
    email AS value,
    concat(split_part(email, '@', 1), '@', CASE lower(split_part(email, '@', 2))
        WHEN 'gmial.com'    THEN 'gmail.com'
        WHEN 'gmai.com'     THEN 'gmail.com'
        WHEN 'gmal.com'     THEN 'gmail.com'
        WHEN 'gamil.com'    THEN 'gmail.com'
        WHEN 'gnail.com'    THEN 'gmail.com'
        WHEN 'gmail.co'     THEN 'gmail.com'
        WHEN 'gmail.con'    THEN 'gmail.com'
        WHEN 'gmail.cmo'    THEN 'gmail.com'
        WHEN 'hotmial.com'  THEN 'hotmail.com'
        WHEN 'hotmal.com'   THEN 'hotmail.com'
        WHEN 'hotmai.com'   THEN 'hotmail.com'
        WHEN 'hotmail.con'  THEN 'hotmail.com'
        WHEN 'yaho.com'     THEN 'yahoo.com'
        WHEN 'yahooo.com'   THEN 'yahoo.com'
        WHEN 'yhaoo.com'    THEN 'yahoo.com'
        WHEN 'yahoo.con'    THEN 'yahoo.com'
        WHEN 'outlok.com'   THEN 'outlook.com'
        WHEN 'outllok.com'  THEN 'outlook.com'
        WHEN 'outlook.con'  THEN 'outlook.com'
        WHEN 'iclod.com'    THEN 'icloud.com'
        WHEN 'icloud.con'   THEN 'icloud.com'
        WHEN 'gmx.dee'      THEN 'gmx.de'
        WHEN 'web.dee'      THEN 'web.de'
    END) AS suggestion
FROM staged
WHERE lower(split_part(email, '@', 2)) IN (
    'gmial.com', 'gmai.com', 'gmal.com', 'gamil.com', 'gnail.com', 'gmail.co', 'gmail.con', 'gmail.cmo',
    'hotmial.com', 'hotmal.com', 'hotmai.com', 'hotmail.con', 'yaho.com', 'yahooo.com', 'yhaoo.com', 'yahoo.con',
    'outlok.com', 'outllok.com', 'outlook.con', 'iclod.com', 'icloud.con', 'gmx.dee', 'web.dee'
)
