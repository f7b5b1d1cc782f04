-- The pairs of this rule that are as likely as asked for. What could not come to it at best is left out before texts are
-- measured letter by letter. `bits` speak for a match against everything else; `match` and `household` against strangers.
SELECT left_node, right_node, CAST({rule} AS SMALLINT) AS rule, pattern, bits AS weight, probability{terms}
FROM (
  SELECT *, opaque(CASE WHEN bits >= 0 THEN 1.0 / (1.0 + power(2.0, -bits)) ELSE power(2.0, bits) / (1.0 + power(2.0, bits)) END) AS probability
  FROM (
    SELECT left_node, right_node, pattern, {bits} AS bits{terms}
    FROM (
      SELECT left_node, right_node, {pattern} AS pattern,
             {match} AS "match"{household}{terms}
      FROM (
        SELECT left_node, right_node{codes}{adjusted}
        FROM (
          SELECT a.node AS left_node, b.node AS right_node{levels}{frequencies}
          FROM {pairs}
          WHERE {bound}
        )
      )
    )
  )
)
WHERE probability >= {floor}
