-- @alter external_id_map control
DROP INDEX importer.external_id_map_form;

-- @alter external_id_map control
CREATE INDEX external_id_map_form ON importer.external_id_map (external_system, (ltrim(lower(regexp_replace(CASE WHEN right(external_id, 2) = '.0' AND length(external_id) > 2 THEN left(external_id, -2) WHEN length(external_id) = 18 AND external_id ~ '^[0-9A-Za-z]{5}0[0-9A-Za-z]{9}[0-5A-Za-z]{3}$' AND right(external_id, 3) ~ '[A-Za-z]' THEN left(external_id, 15) ELSE external_id END, '^(.*[^0-9])?0+([0-9]*)$', '\1\2')), '0')))
    WHERE NOT is_synthetic AND (left(external_id, 1) = '0' OR external_id <> lower(external_id) OR length(external_id) = 18 OR right(external_id, 2) = '.0' OR external_id ~ '[^0-9]0[0-9]*$');
