-- @table signups core
DROP TABLE signups;
-- @table lead_phones core
DROP TABLE lead_phones;
-- @table lead_emails core
DROP TABLE lead_emails;
-- @table leads core
DROP TABLE leads;
-- @table events core
DROP TABLE events;
