-- The pairs that are as likely as asked for. What could not come to it at best is left out before texts are measured letter by
-- letter. `match` and `household` are bits against strangers, `most` is the strongest of the three: next to it nothing
-- overflows.
SELECT left_node, right_node, CAST(rule AS SMALLINT) AS rule, pattern, "match" AS weight, probability,
       "two" / ("one" + "two" + "other") AS household_probability{terms}
FROM (
  SELECT *, opaque("one" / ("one" + "two" + "other")) AS probability
  FROM (
    SELECT *, power(2.0, "match" - "most") AS "one", {two} AS "two", power(2.0, -"most") AS "other"
    FROM (
      SELECT *, {most} AS "most"
      FROM (
        SELECT left_node, right_node, rule, {pattern} AS pattern,
               {match} AS "match"{household}{terms}
        FROM (
          SELECT left_node, right_node, rule{codes}{adjusted}
          FROM (
            SELECT a.node AS left_node, b.node AS right_node, {rule} AS rule{levels}{frequencies}
            FROM {pairs}
            WHERE {bound}
          )
        )
      )
    )
  )
)
WHERE probability >= {floor}
