/*---
mapping: csv
version: 1
description: a spreadsheet of people; its headers have been matched, one name column is split
---*/
-- Every contract field is there under its name, as text, and NULL when the file lacks it. What comes out is read as the
-- type that the contract gives it: blanks go, e-mails are unwrapped, phone numbers and dates are read.
SELECT
    sequence_number,
    external_system,
    external_id,
    coalesce(name_without_title(first_name), name_given(full_name)) AS first_name,
    -- "John Smith Jr." stays apart from his father, whichever column says so.
    coalesce(CASE WHEN name_generation(last_name) IS NULL AND name_generation(first_name) IS NOT NULL
                  THEN clean_text(last_name) || concat(' ', name_suffix(first_name)) ELSE clean_text(last_name) END,
             -- In "Smith Jr., John" it stands within the name: the parts are asked as well.
             CASE WHEN name_generation(full_name) IS NULL
                   AND name_generation(concat_ws(' ', name_family(full_name), name_suffix(full_name))) IS NULL
                  THEN name_family(full_name)
                  ELSE concat_ws(' ', name_family(full_name), name_suffix(full_name)) END) AS last_name,
    full_name,
    email,
    alternate_emails,
    phone,
    alternate_phones,
    birth_date,
    country,
    street,
    city,
    postal_code,
    employer,
    email_verified_at,
    phone_verified_at,
    source_updated_at,
    ingest_version,
    is_deleted,
    deleted_at,
    deleted_reason
FROM landed
