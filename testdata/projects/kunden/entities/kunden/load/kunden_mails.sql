/*---
table: kunden_mails
mode: child_set
set: emails
key: [kunde, schluessel]
after: [kunden]
---*/
SELECT
    core_id            AS kunde,
    item['key']        AS schluessel,
    item['value']      AS adresse,
    item['is_primary'] AS haupt
FROM (SELECT core_id, unnest(emails) AS item FROM resolved) AS items
