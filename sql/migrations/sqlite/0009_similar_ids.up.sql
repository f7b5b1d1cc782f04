-- Ids that another spelling may stand for. Only ids that may not be their own form are in the index, so that most loads do not
-- feel it; the others are found by the primary key. The expressions are those of `sql/store/sqlite/id_form.sql` and
-- `id_spelt.sql`: a question finds the index by them.

-- @alter external_id_map control
CREATE INDEX external_id_map_form ON external_id_map (external_system, ltrim(lower(CASE WHEN substr(external_id, -2) = '.0' AND length(external_id) > 2 THEN substr(external_id, 1, length(external_id) - 2) WHEN length(external_id) = 18 AND substr(external_id, 6, 1) = '0' AND external_id NOT GLOB '*[^0-9A-Za-z]*' AND substr(external_id, 16) NOT GLOB '*[^0-5A-Za-z]*' AND substr(external_id, 16) GLOB '*[A-Za-z]*' THEN substr(external_id, 1, 15) ELSE external_id END), '0'))
    WHERE NOT is_synthetic AND (substr(external_id, 1, 1) = '0' OR external_id GLOB '*[A-Z]*' OR length(external_id) = 18 OR substr(external_id, -2) = '.0');
