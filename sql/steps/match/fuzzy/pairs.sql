(
    SELECT m.block AS "in block", c.*
    FROM block_members m
    JOIN candidates c ON c.node = m.node
    WHERE m.block % $buckets = $bucket
  ) b
  JOIN (
    SELECT m.block AS "in block", c.*
    FROM block_members m
    JOIN candidates c ON c.node = m.node
    WHERE m.block % $buckets = $bucket
  ) a ON a."in block" = b."in block" AND a.node < b.node AND (a.is_new OR b.is_new)
     AND coalesce(a.core_id <> b.core_id, true)
     AND array_smallest_common(a."its blocks", b."its blocks") = a."in block"{never}
