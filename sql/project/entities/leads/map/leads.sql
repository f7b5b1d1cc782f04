/*---
mapping: leads
version: 1
description: a list of leads; its headers have been matched
---*/
SELECT
    sequence_number,
    external_system,
    external_id,
    source_updated_at,
    is_deleted,
    first_name,
    last_name,
    email,
    phone,
    company,
    country,
    status,
    lead_source,
    expected_amount
FROM landed
