/*---
mapping: signups
version: 1
description: a list of sign-ups; its headers have been matched
---*/
SELECT
    sequence_number,
    external_system,
    external_id,
    source_updated_at,
    is_deleted,
    volunteer,
    event,
    status,
    attended,
    hours,
    signed_up_at,
    note
FROM landed
