-- @table row_promotions control
DROP INDEX importer.dq_violations_place;
DROP TABLE importer.row_promotions;
