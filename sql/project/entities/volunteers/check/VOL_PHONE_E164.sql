/*---
rule: VOL_PHONE_E164
severity: error
mode: enforce
message: The phone number is not valid
hint: Write it with its country code, such as +1 202 555 0143, or fill in the country; numbers without either are read in the default_region of the source
fields: [phone]
---*/
SELECT
    sequence_number,
    'phone' AS field,
    phone_unparsed AS value,
    -- What is wrong is the first word of what stage tells of the cell.
    concat('The phone number is not valid: ', CASE split_part(phone_told, ':', 1)
        WHEN 'nothing' THEN 'there is no number in it'
        WHEN 'letters' THEN 'letters stand where digits belong'
        WHEN 'masked'  THEN 'digits are masked, by X, *, # or ?'
        WHEN 'rounded' THEN 'a spreadsheet has made scientific notation of it, and its last digits are lost'
        WHEN 'country' THEN 'it has no country code, and the country of the row is not known'
        WHEN 'fax'     THEN 'it is said to be a fax'
        WHEN 'wrong'   THEN 'it is said to be wrong'
        WHEN 'short'   THEN 'it has too few digits'
        WHEN 'long'    THEN 'it has too many digits'
        ELSE                'no number of its country begins or goes on like this'
    END) AS message,
    CASE split_part(phone_told, ':', 1)
        WHEN 'nothing' THEN 'Write the number alone, or leave the cell empty'
        WHEN 'letters' THEN 'Write digits only; names and remarks belong behind the number in brackets, or in a column of their own'
        WHEN 'masked'  THEN 'Ask for the whole number; a masked one cannot be dialled, and nothing is guessed'
        WHEN 'rounded' THEN 'Format the column as text in the spreadsheet, fill the numbers in again, and export it anew'
        WHEN 'country' THEN 'Write it with its country code, such as +49 30 23125101, or correct the country of the row'
        WHEN 'fax'     THEN 'Write a number that can be called, or leave the cell empty'
        WHEN 'wrong'   THEN 'Ask for the right number, or leave the cell empty'
        WHEN 'long'    THEN 'Write it with its country code, such as +49 30 23125101 (00 only where one dials it), or fill in the country; several numbers stand apart by semicolons'
    END AS hint
FROM staged
WHERE phone_unparsed IS NOT NULL
