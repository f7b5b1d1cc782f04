-- @alter external_id_map control
DROP INDEX external_id_map_form;

-- @alter external_id_map control
CREATE INDEX external_id_map_form ON external_id_map (external_system, ltrim(lower(CASE WHEN substr(external_id, -2) = '.0' AND length(external_id) > 2 THEN substr(external_id, 1, length(external_id) - 2) WHEN length(external_id) = 18 AND substr(external_id, 6, 1) = '0' AND external_id NOT GLOB '*[^0-9A-Za-z]*' AND substr(external_id, 16) NOT GLOB '*[^0-5A-Za-z]*' AND substr(external_id, 16) GLOB '*[A-Za-z]*' THEN substr(external_id, 1, 15) ELSE external_id END), '0'))
    WHERE NOT is_synthetic AND (substr(external_id, 1, 1) = '0' OR external_id GLOB '*[A-Z]*' OR length(external_id) = 18 OR substr(external_id, -2) = '.0');
