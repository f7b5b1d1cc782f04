/*---
table: member_mails
mode: child_set
set: emails
key: [member, key]
after: [members]
---*/
SELECT
    core_id            AS member,
    item['key']        AS key,
    item['value']      AS address,
    item['is_primary'] AS is_main
FROM (SELECT core_id, unnest(emails) AS item FROM resolved) AS items
