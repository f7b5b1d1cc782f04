-- @table row_promotions control
DROP INDEX dq_violations_place;
DROP TABLE row_promotions;
