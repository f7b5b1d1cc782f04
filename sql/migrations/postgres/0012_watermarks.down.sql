-- @table source_watermarks control
DROP TABLE importer.source_watermarks;
