-- The run that took a core id.
SELECT run_id, round, first_id, id_count
FROM store.id_ranges
WHERE entity = $entity AND first_id <= $core_id AND first_id + id_count > $core_id
