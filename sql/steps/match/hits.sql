-- Keys of incoming rows that stand on a core row, and what follows from it; and keys that say nothing, without a core row.
-- strong: some key of match.yml looks the value up and is satisfied with the family names.
-- match_rank: the first key that found the person; none where something speaks against it, which the verdict names.
SELECT seq, key_type, key, core_id, evidence, verdict, strong, weak, same_family, same_name, counts, match_rank, own_core,
       match_rank IS NOT NULL AS compatible
FROM (
{judged}
)
UNION ALL
SELECT k.seq, k.key_type, k.key, CAST(NULL AS BIGINT), CAST(NULL AS VARCHAR), 'no_key', false, true, false, false, false,
       CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), false
FROM row_keys k
LEFT JOIN key_crowds c ON c.key_hash = k.key_hash AND c.key_type = k.key_type AND c.key = k.key
WHERE k.idle OR coalesce(c.idle, false)
