/*---
table: kunden
mode: core
key: [Nr]
insert_only: [seit]
---*/
SELECT
    core_id    AS "Nr",
    first_name AS vorname,
    last_name  AS nachname,
    email      AS mail,
    city       AS ort,
    loaded_at  AS seit
FROM resolved
