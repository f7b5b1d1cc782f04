/*---
rule: VOL_EMAIL_FORMAT
severity: error
mode: enforce
message: The e-mail address is not valid
hint: Write one address such as anna@example.org; further addresses stand behind semicolons or in another e-mail column
fields: [email]
---*/
SELECT
    sequence_number,
    'email' AS field,
    email AS value,
    concat('The e-mail address is not valid: ', CASE email_fault(email)
        WHEN 'masked'  THEN 'letters are masked, by * or X'
        WHEN 'no at'   THEN 'there is no @ in it'
        WHEN 'two at'  THEN 'there is more than one @ in it'
        WHEN 'several' THEN 'of several addresses none is valid'
        WHEN 'half'    THEN 'nothing stands before or behind the @'
        WHEN 'blank'   THEN 'a blank stands in it, and what it means is open'
        WHEN 'comma'   THEN 'a comma or semicolon stands in it, and what it means is open'
        WHEN 'dots'    THEN 'a dot stands at an edge or behind another one'
        WHEN 'domain'  THEN 'what stands behind the @ is no full domain name'
        ELSE                'it has characters that no address has'
    END) AS message
FROM staged
WHERE email IS NOT NULL AND NOT is_email(email)
