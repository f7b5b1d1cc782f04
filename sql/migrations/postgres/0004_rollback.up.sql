-- What a rollback asks: which core rows did a person decide on? Few suggestions are decided, so the indexes are small.

-- @alter dedupe_suggestions control
CREATE INDEX dedupe_suggestions_decided ON importer.dedupe_suggestions (tenant_id, entity_type, core_id)
    WHERE decision NOT IN ('pending', 'auto_resolved', 'auto_merged');
CREATE INDEX dedupe_suggestions_decided_other ON importer.dedupe_suggestions (tenant_id, entity_type, other_core_id)
    WHERE decision NOT IN ('pending', 'auto_resolved', 'auto_merged');
