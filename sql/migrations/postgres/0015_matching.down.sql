-- @table merge_log control
DROP TABLE importer.merge_log;

-- @table match_decisions control
DROP TABLE importer.match_decisions;

-- @alter dedupe_suggestions control
DROP INDEX importer.dedupe_suggestions_score;
ALTER TABLE importer.dedupe_suggestions
    DROP COLUMN pattern,
    DROP COLUMN model_hash,
    DROP COLUMN rule,
    DROP COLUMN reopened_from,
    DROP COLUMN cluster,
    DROP COLUMN deferred_until;
