UPDATE contacts SET city = 'Hoorn', updated_at = updated_at + 1 WHERE first_name = 'Jakob';
INSERT INTO contact_emails (tenant_id, contact_id, email_key, email, is_primary, created_at)
SELECT tenant_id, id, 'klara@example.net', 'klara@example.net', 0, created_at FROM contacts WHERE first_name = 'Klara';
