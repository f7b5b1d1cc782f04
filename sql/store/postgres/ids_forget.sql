-- Core ids that a run took for a load that will be computed anew. They are never given again.
DELETE FROM importer.id_ranges WHERE tenant_id = $1 AND run_id = $2 AND round >= $3
