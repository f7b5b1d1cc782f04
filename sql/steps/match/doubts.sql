-- Core rows of which more has to be known: they agree with a row that has an id of its own and another family name, or
-- they would have another given name than before.
SELECT DISTINCT core_id
FROM met
WHERE own_core IS NULL
  AND (evidence = 'renamed'
       OR (has_id AND NOT same_family AND NOT same_birth
           AND evidence IN ('equal', 'missing', 'initial', 'nickname', 'beginning', 'slip')))
