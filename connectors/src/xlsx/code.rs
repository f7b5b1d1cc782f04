//! Stable codes of what is said of rows and sheets.

use crate::source::Code;

/// Of a record: a cell holds an error of its formula, such as `#N/A`.
pub const ERROR_CELL: Code = Code::new(
    "XLSX_ERROR_CELL",
    "The cell is read as empty. Correct its formula in the workbook, or enter the value.",
);
/// Of a record: a formula was saved without its result.
pub const NO_CACHED_VALUE: Code = Code::new(
    "XLSX_NO_CACHED_VALUE",
    "The cell is read as empty: the workbook holds the formula but not its result. Open it in a spreadsheet program and save \
     it again; the results are then in it.",
);
/// Of a record: a number is longer than a spreadsheet keeps.
pub const DIGITS_LOST: Code = Code::new(
    "XLSX_DIGITS_LOST",
    "Spreadsheets keep 15 digits of a number. Take the number from where it came from, and format the column as text before \
     it is entered.",
);
/// Of a record: a number with the format of a date is no date.
pub const DATE_OUTSIDE: Code = Code::new(
    "XLSX_DATE_OUTSIDE",
    "The number is given as it is: its format is that of a date, but no calendar has this day. Correct the cell.",
);
/// Of a record that was kept, or of the sheet: a row that sums others up.
pub const TOTALS_ROW: Code = Code::new(
    "XLSX_TOTALS_ROW",
    "If it is a record of its own, change the word in its first cell; if it was kept but is a total, delete it.",
);
/// Of the sheet: the header comes again.
pub const HEADER_REPEATED: Code = Code::new(
    "XLSX_HEADER_REPEATED",
    "Nothing is lost: tables were probably put together one below the other.",
);
/// Of the sheet: another table follows.
pub const SECOND_TABLE: Code = Code::new("XLSX_SECOND_TABLE", "Put each table on a sheet of its own.");
/// The row stands below the header of another table.
pub const OTHER_TABLE: Code = Code::new("XLSX_OTHER_TABLE", "Put each table on a sheet of its own.");
/// Of the sheet: rows that are hidden were read.
pub const HIDDEN_ROWS: Code = Code::new(
    "XLSX_HIDDEN_ROWS",
    "They were read like all others. If they should not be imported, delete them instead of hiding or filtering them.",
);
/// Of the sheet: columns that are hidden were read.
pub const HIDDEN_COLUMNS: Code = Code::new(
    "XLSX_HIDDEN_COLUMNS",
    "They were read like all others. If they should not be imported, delete them instead of hiding them.",
);
/// Of the sheet: merged cells below the header.
pub const MERGED_CELLS: Code = Code::new(
    "XLSX_MERGED_CELLS",
    "The value of merged cells stands in their first row and column only. Undo the merging where every row needs it.",
);
/// Of the sheet: rows above the table that are no records.
pub const ROWS_PASSED: Code = Code::new(
    "XLSX_ROWS_PASSED",
    "If one of them is the header, name the rows above it with `--skip-lines`; if one is a record, move it below the header.",
);
/// Of the sheet: there is no header.
pub const NO_HEADER: Code = Code::new(
    "XLSX_NO_HEADER",
    "Name the columns with `--no-header --map column_1=…`, or say that the first row is the header with `--header`.",
);
/// Of the sheet: its rows do not stand in their order in the file.
pub const ROWS_UNORDERED: Code = Code::new(
    "XLSX_ROWS_UNORDERED",
    "Nothing is lost: the rows were put in the order of their numbers. The program that wrote the file has a fault.",
);
/// The row holds a cell that cannot be read.
pub const CELL_UNREADABLE: Code = Code::new(
    "XLSX_CELL_UNREADABLE",
    "Open the workbook in a spreadsheet program, enter the cell again and save it.",
);
/// The row holds a cell that is too long.
pub const CELL_TOO_LONG: Code = Code::new(
    "XLSX_CELL_TOO_LONG",
    "Shorten the cell. Where it is meant to be so long, raise `max_cell_bytes`.",
);
/// The cells of the row together are too long.
pub const ROW_TOO_LONG: Code =
    Code::new("XLSX_ROW_TOO_LONG", "Leave the columns with the long cells out of the sheet.");
