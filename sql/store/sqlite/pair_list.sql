-- What was decided about pairs of which one record has this link, and counts.
SELECT one_system, one_id, other_system, other_id, verdict, suggestion_id, decided_by, decided_at
  FROM match_decisions
 WHERE tenant_id = $1 AND core_table = $2
   AND ((one_system = $3 AND one_id = $4) OR (other_system = $3 AND other_id = $4))
   AND revoked_at IS NULL
 ORDER BY one_system, one_id, other_system, other_id
