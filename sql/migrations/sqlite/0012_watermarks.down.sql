-- @table source_watermarks control
DROP TABLE source_watermarks;
