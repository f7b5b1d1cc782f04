-- @view clean_volunteers core
DROP VIEW clean_volunteers;
-- @view core_people core
DROP VIEW core_people;
-- @table contact_phones core
DROP TABLE contact_phones;
-- @table contact_emails core
DROP TABLE contact_emails;
-- @table volunteers core
DROP TABLE volunteers;
-- @table contacts core
DROP TABLE contacts;
-- @table core_id_counters control
DROP TABLE core_id_counters;
