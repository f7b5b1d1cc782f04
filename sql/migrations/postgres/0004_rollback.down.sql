-- @alter dedupe_suggestions control
DROP INDEX importer.dedupe_suggestions_decided_other;
DROP INDEX importer.dedupe_suggestions_decided;
