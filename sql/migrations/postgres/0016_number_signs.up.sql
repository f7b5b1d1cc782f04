-- More number signs in front of an id are no part of its form: No 7, N° 7, Nº 7, N.º 7 and № 7 are 7. And letters are folded
-- as ASCII, whatever the collation of the column. The expressions are
-- those of `sql/store/postgres/id_form.sql`, `id_bare.sql` and `id_spelt.sql`: a question finds the index by them.

-- @alter external_id_map control
DROP INDEX importer.external_id_map_form;

-- @alter external_id_map control
CREATE INDEX external_id_map_form ON importer.external_id_map (external_system, (ltrim(lower(regexp_replace(CASE WHEN right(regexp_replace(external_id, '^(# *(?=[^ ])|([Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116) *(?=[0-9]))', ''), 2) = '.0' AND length(regexp_replace(external_id, '^(# *(?=[^ ])|([Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116) *(?=[0-9]))', '')) > 2 THEN left(regexp_replace(external_id, '^(# *(?=[^ ])|([Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116) *(?=[0-9]))', ''), -2) WHEN length(regexp_replace(external_id, '^(# *(?=[^ ])|([Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116) *(?=[0-9]))', '')) = 18 AND regexp_replace(external_id, '^(# *(?=[^ ])|([Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116) *(?=[0-9]))', '') ~ '^[0-9A-Za-z]{5}0[0-9A-Za-z]{9}[0-5A-Za-z]{3}$' AND right(regexp_replace(external_id, '^(# *(?=[^ ])|([Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116) *(?=[0-9]))', ''), 3) ~ '[A-Za-z]' THEN left(regexp_replace(external_id, '^(# *(?=[^ ])|([Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116) *(?=[0-9]))', ''), 15) ELSE regexp_replace(external_id, '^(# *(?=[^ ])|([Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116) *(?=[0-9]))', '') END, '^(.*[^0-9])?0+([0-9]*)$', '\1\2') COLLATE "C"), '0')))
    WHERE NOT is_synthetic AND (left(external_id, 1) = '0' OR external_id <> lower(external_id COLLATE "C") OR length(external_id) = 18 OR right(external_id, 2) = '.0' OR external_id ~ '[^0-9]0[0-9]*$' OR external_id ~ '^(#|[Nn]([OoRr][. ]|\.?[\u00b0\u00ba])|\u2116)');
