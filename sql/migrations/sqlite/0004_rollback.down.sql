-- @alter dedupe_suggestions control
DROP INDEX dedupe_suggestions_decided_other;
DROP INDEX dedupe_suggestions_decided;
