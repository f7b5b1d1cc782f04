/*---
table: lead_emails
mode: child_set
set: emails
key: [tenant_id, lead_id, email_key]
after: [leads]
insert_only: [created_at]
---*/
SELECT
    tenant_id,
    core_id              AS lead_id,
    item['key']          AS email_key,
    item['value']        AS email,
    item['is_primary']   AS is_primary,
    loaded_at            AS created_at
FROM (SELECT tenant_id, core_id, loaded_at, unnest(emails) AS item FROM resolved) AS items
