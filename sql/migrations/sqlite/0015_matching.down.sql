-- @table merge_log control
DROP TABLE merge_log;

-- @table match_decisions control
DROP TABLE match_decisions;

-- @alter dedupe_suggestions control
DROP INDEX dedupe_suggestions_score;
ALTER TABLE dedupe_suggestions DROP COLUMN deferred_until;
ALTER TABLE dedupe_suggestions DROP COLUMN cluster;
ALTER TABLE dedupe_suggestions DROP COLUMN reopened_from;
ALTER TABLE dedupe_suggestions DROP COLUMN rule;
ALTER TABLE dedupe_suggestions DROP COLUMN model_hash;
ALTER TABLE dedupe_suggestions DROP COLUMN pattern;
