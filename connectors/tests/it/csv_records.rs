//! The record rules, one ugly file per rule.

use importer_connectors::csv::{CsvCode, Limits, QuoteOption, Ragged};

use crate::support::{options, read, read_with};

#[test]
fn plain_file() {
    let f = read("id,name\n1,Ann\n2,Bob\n");
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.cells(), [["1", "Ann"], ["2", "Bob"]]);
    assert_eq!(f.lines, [2, 3]);
    assert_eq!(f.counts.lines, 3);
    assert_eq!(f.counts.bytes_read, 20);
}

#[test]
fn no_final_newline() {
    let f = read("id,name\n1,Ann\n2,Bob");
    assert_eq!(f.cells(), [["1", "Ann"], ["2", "Bob"]]);
    assert_eq!(read("id,name\r\n1,\"Ann\"\r\n2,\"Bob\"").cells(), [["1", "Ann"], ["2", "Bob"]]);
    assert_eq!(read("id,name\n1,").cells(), [["1", "~"]]);
}

#[test]
fn empty_cells_are_null() {
    let f = read("a,b,c\n,\"\",x\ny,,\n");
    assert_eq!(f.cells(), [["~", "~", "x"], ["y", "~", "~"]]);
}

#[test]
fn spaces_stay() {
    assert_eq!(read("a,b\n x , y\n").cells(), [[" x ", " y"]]);
}

#[test]
fn quote_inside_unquoted_field_is_text() {
    let f = read("id,size\n1,5\" pipe\n2,a\"b\"c\n3,\"ok\"\n");
    assert_eq!(f.cells(), [["1", "5\" pipe"], ["2", "a\"b\"c"], ["3", "ok"]]);
    assert!(f.findings.is_empty());
}

#[test]
fn doubled_quotes_and_delimiters_in_quotes() {
    let f = read("id,name\n1,\"Ann \"\"A\"\" Lee\"\n2,\"Lee, Ann\"\n3,\"\"\"\"\n");
    assert_eq!(f.cells(), [["1", "Ann \"A\" Lee"], ["2", "Lee, Ann"], ["3", "\""]]);
}

#[test]
fn newlines_in_quotes() {
    let f = read("id,note\n1,\"a\nb\"\n2,\"c\r\n\r\nd\"\n3,e\n");
    assert_eq!(f.cells(), [["1", "a\nb"], ["2", "c\r\n\r\nd"], ["3", "e"]]);
    assert_eq!(f.lines, [2, 4, 7]);
    assert_eq!(f.counts.record_lines, 6);
}

#[test]
fn stray_quote_is_repaired_on_one_line() {
    let f = read("id,name,city\n1,\"John \"Johnny\" Smith\",X\n2,\"Ann\",Y\n");
    assert_eq!(f.cells(), [["1", "John \"Johnny\" Smith", "X"], ["2", "Ann", "Y"]]);
    let finding = &f.findings[0];
    assert_eq!((finding.line_number, finding.code, finding.column), (2, CsvCode::QuoteRepaired.into(), 1));
    assert_eq!(finding.byte_offset, 13);
    assert_eq!(f.counts.repaired, 1);
    assert_eq!(f.counts.records, 2);
}

#[test]
fn the_example_of_the_design() {
    let f = read("name\n\"John \"Johnny\" Smith\"\n\"Ann\"\n");
    assert_eq!(f.cells(), [["John \"Johnny\" Smith"], ["Ann"]]);
    assert_eq!(f.findings.len(), 1);
}

#[test]
fn stray_quote_that_breaks_the_width_is_rejected() {
    let f = read("id,name,city\n1,\"a \"b\", c\",X\n2,\"Ann\",Y\n");
    assert_eq!(f.rejected(), [(2, CsvCode::BadQuote)]);
    assert_eq!(f.cells(), [["2", "Ann", "Y"]]);
}

#[test]
fn stray_quote_that_swallows_a_delimiter_is_rejected() {
    let f = read("id,name\n\"a\"b,\"c\"\n2,\"Ann\"\n");
    assert_eq!(f.rejected(), [(2, CsvCode::BadQuote)]);
    assert_eq!(f.counts.records, 1);
}

#[test]
fn stray_quote_with_an_open_end_is_rejected() {
    let f = read("id,name\n1,\"a \"b\n2,\"Ann\"\n3,\"Bo\"\n");
    assert_eq!(f.rejected(), [(2, CsvCode::BadQuote)]);
    assert_eq!(f.cells(), [["2", "Ann"], ["3", "Bo"]]);
}

#[test]
fn unclosed_quote_costs_one_line() {
    let f = read("id,name\n1,\"Ann\n2,Bob\n3,\"Cid\"\n4,Dot\n");
    assert_eq!(f.rejected(), [(2, CsvCode::UnclosedQuote)]);
    assert_eq!(f.cells(), [["2", "Bob"], ["3", "Cid"], ["4", "Dot"]]);
    assert_eq!(f.lines, [3, 4, 5]);
    assert_eq!(f.rejects[0].raw, b"1,\"Ann");
    assert_eq!(f.rejects[0].byte_offset, 8);
}

#[test]
fn an_unclosed_quote_above_a_cell_that_begins_with_an_empty_line() {
    let quoted = options(|o| o.quote = Some(QuoteOption::Char(b'"')));
    // Another width shows it at once.
    let f = read_with("id,name,city\n1,\"Ann,Bonn\n\"\nnote\",Bob,Kiel\n3,Cay,Ulm\n", &quoted);
    assert_eq!(f.rejected(), [(2, CsvCode::TooFewFields)]);
    assert_eq!(f.cells(), [["\nnote", "Bob", "Kiel"], ["3", "Cay", "Ulm"]]);
    // Of the same width, the quote of the record below would be taken for its end.
    for newline in ["\n", "\r\n"] {
        let text = "id,name,city\n1,Ann,\"Bonn\n\"\nnote\",Bob,Kiel\n3,Cay,Ulm\n".replace('\n', newline);
        let f = read_with(&text, &quoted);
        assert_eq!(f.rejected(), [(2, CsvCode::UnclosedQuote)], "{newline:?}");
        let note = format!("{newline}note");
        assert_eq!(f.cells(), [[note.as_str(), "Bob", "Kiel"], ["3", "Cay", "Ulm"]]);
    }
    let f = read_with("id,name\n1,\"Ann\n2,\"\nnote\nmore\"\n3,Cay\n", &quoted);
    assert_eq!((f.rejected(), f.lines.clone()), (vec![(2, CsvCode::UnclosedQuote)], vec![3, 6]));
    assert_eq!(f.cells(), [["2", "\nnote\nmore"], ["3", "Cay"]]);
}

#[test]
fn a_cell_that_ends_with_a_line_break_is_whole() {
    let f = read("id,name\n1,\"Ann\n\"\n2,Bob\n\n3,\"Cay\n\"\n4,\"\nDee\"\n");
    assert_eq!(f.rejected(), []);
    assert_eq!(f.cells(), [["1", "Ann\n"], ["2", "Bob"], ["3", "Cay\n"], ["4", "\nDee"]]);
    // A quote of inches below it begins no record.
    let f = read("id,size\n1,\"wide\n\"\n2,5\" pipe\n3,x\n");
    assert_eq!(f.cells(), [["1", "wide\n"], ["2", "5\" pipe"], ["3", "x"]]);
    assert_eq!(f.rejected(), []);
}

#[test]
fn unclosed_quote_at_end_of_file() {
    let f = read("id,name\n1,Ann\n2,\"Bob\n3,Cid\n");
    assert_eq!(f.rejected(), [(3, CsvCode::UnclosedQuote)]);
    assert_eq!(f.cells(), [["1", "Ann"], ["3", "Cid"]]);
}

#[test]
fn quoted_field_over_100_lines() {
    let mut data = String::from("id,name\n1,\"open\n");
    for i in 0..150 {
        data.push_str(&format!("{i},x\n"));
    }
    data.push_str("9,\"closed\"\n");
    let f = read(&data);
    assert_eq!(f.rejected(), [(2, CsvCode::UnclosedQuote)]);
    assert_eq!(f.counts.records, 151);
    // A note of many lines that closes properly is legal.
    let data = format!("id,name\n1,\"{}\"\n2,x\n", "y, and more\nz\n".repeat(4_500));
    assert_eq!(read(&data).counts.records, 2);
    // Unless somebody says otherwise.
    let data = format!("id,name\n1,\"{}\"\n2,x\n", "y\n".repeat(100));
    let limit = options(|o| o.limits.field_lines = 100);
    assert_eq!(read_with(&data, &limit).rejected()[0], (2, CsvCode::FieldTooLong));
}

#[test]
fn quoted_field_over_64_kib() {
    let data = format!("id,name\n1,\"{}\"\n2,x\n", "y".repeat(65 << 10));
    let limit = options(|o| o.limits.field_bytes = 64 << 10);
    let f = read_with(&data, &limit);
    assert_eq!(f.rejected(), [(2, CsvCode::FieldTooLong)]);
    assert_eq!(f.counts.records, 1);
    assert_eq!(read(&data).counts.records, 2);
    // Pictures, in quotes and without.
    let data = format!("id,photo\n1,\"{0}\"\n2,{0}\n3,x\n", "iVBORw0KGgo".repeat(30_000));
    assert_eq!(read(&data).counts.records, 3);
    // Unquoted, it is only a long cell.
    let data = format!("id,name\n1,{}\n2,x\n", "y".repeat(65 << 10));
    assert_eq!(read(&data).counts.records, 2);
}

#[test]
fn multi_line_record_of_wrong_width() {
    let f = read("a,b,c\n1,\"x\ny\"\n2,b,c\n");
    assert_eq!(f.rejected(), [(2, CsvCode::TooFewFields), (3, CsvCode::TooFewFields)]);
    assert_eq!(f.rejects[0].raw, b"1,\"x");
    assert_eq!(f.cells(), [["2", "b", "c"]]);
}

#[test]
fn closes_badly_on_a_later_line() {
    let f = read("a,b\n1,\"x\n2,y\" z\n3,w\n");
    assert_eq!(f.rejected(), [(2, CsvCode::UnclosedQuote)]);
    assert_eq!(f.cells(), [["2", "y\" z"], ["3", "w"]]);
}

#[test]
fn too_few_and_too_many() {
    let f = read("a,b,c\n1,2\n1,2,3\n1,2,3,4\n5,6,7\n");
    assert_eq!(f.rejected(), [(2, CsvCode::TooFewFields), (4, CsvCode::TooManyFields)]);
    assert_eq!(f.rejects[0].field_count, Some(2));
    assert_eq!(f.rejects[0].reason, "expected 3 fields, found 2");
    assert_eq!(f.rejects[1].field_count, Some(4));
    assert_eq!(f.rejects[1].byte_offset, 16);
    assert_eq!(f.counts.records, 2);
}

#[test]
fn ragged_pad() {
    let pad = options(|o| o.ragged = Some(Ragged::Pad));
    let f = read_with("a,b,c\n1\n1,2\n1,2,3\n1,2,3,4\n", &pad);
    assert_eq!(f.cells(), [["1", "~", "~"], ["1", "2", "~"], ["1", "2", "3"]]);
    assert_eq!(f.rejected(), [(5, CsvCode::TooManyFields)]);
    assert_eq!(f.counts.padded, 2);
    assert_eq!(f.findings[1].code, CsvCode::RowPadded);
    assert_eq!(f.findings[1].column, 2);
}

#[test]
fn pad_never_hides_an_unclosed_quote() {
    let pad = options(|o| o.ragged = Some(Ragged::Pad));
    let f = read_with("a,b,c\n1,\"x\ny\"\n1,2,3\n", &pad);
    assert_eq!(f.rejected(), [(2, CsvCode::TooFewFields)]);
}

#[test]
fn all_rows_too_short_keep_the_header() {
    let f = read("id,name,email\n1,Ann\n2,Bob\n3,Cid\n");
    assert_eq!(f.names(), ["id", "name", "email"]);
    assert_eq!(f.cells()[2], ["3", "Cid", "~"]);
    assert_eq!(f.noted(), [(1, CsvCode::WidthSettled)]);
    assert!(f.findings.is_empty());
    let f = read("id,name\n1\n2\n3\n");
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.counts.rejected, 3);
}

#[test]
fn all_rows_too_long_keep_the_header() {
    let f = read("id,name\n1,Ann,x\n2,Bob,y\n3,Cid,z\n");
    assert_eq!(f.names(), ["id", "name", "column_3"]);
    assert_eq!(f.noted(), [(1, CsvCode::WidthSettled)]);
    assert_eq!(f.cells()[0], ["1", "Ann", "x"]);
    // A name with its comma in every row is no column.
    let f = read("name,email\nLee, Ann,ann@x.org\nRoe, Bob,bob@x.org\n");
    assert_eq!(f.counts.rejected, 2);
}

#[test]
fn blank_lines_are_counted() {
    let f = read("a,b\n\n1,2\n,\n  \n , \n\t\n3,4\n\n");
    assert_eq!(f.cells(), [["1", "2"], ["3", "4"]]);
    assert_eq!(f.counts.blank, 6);
    assert_eq!(f.counts.rejected, 0);
}

#[test]
fn quoted_empty_cells_are_a_record() {
    assert_eq!(read("a,b\n\"\",\"\"\n").cells(), [["~", "~"]]);
}

#[test]
fn dos_end_of_file_mark() {
    let f = read("a,b\r\n1,2\r\n\x1A");
    assert_eq!(f.counts.records, 1);
    assert_eq!((f.counts.blank, f.counts.rejected), (1, 0));
}

#[test]
fn nul_byte_costs_its_record() {
    let f = read("id,name\n1,Ann\n2,B\0b\n3,Cid\n");
    assert_eq!(f.rejected(), [(3, CsvCode::NulByte)]);
    assert_eq!(f.cells(), [["1", "Ann"], ["3", "Cid"]]);
    assert_eq!(f.rejects[0].raw, b"2,B\0b");
}

#[test]
fn nul_in_a_record_over_lines_rejects_the_whole_record() {
    let f = read("id,name\n1,\"a\nb\0\nc\"\n2,d\n");
    assert_eq!(f.rejected(), [(2, CsvCode::NulByte)]);
    assert_eq!(f.rejects[0].line_count, 3);
    assert_eq!(f.rejects[0].raw, b"1,\"a\nb\0\nc\"");
    assert_eq!(f.cells(), [["2", "d"]]);
    assert_eq!(f.lines, [5]);
}

#[test]
fn long_line_is_skipped_with_bounded_raw() {
    let o = options(|o| {
        o.limits = Limits { line_bytes: 1000, raw_bytes: 100, sample_bytes: 4096, ..Limits::default() };
    });
    let data = format!("id,name\n1,Ann\n2,{}\n3,Cid\n", "x".repeat(1_000_000));
    let f = read_with(&data, &o);
    assert_eq!(f.rejected(), [(3, CsvCode::LineTooLong)]);
    assert_eq!((f.rejects[0].raw.len(), f.rejects[0].raw_truncated), (100, true));
    assert_eq!(f.rejects[0].byte_offset, 14);
    assert_eq!(f.cells(), [["1", "Ann"], ["3", "Cid"]]);
    assert_eq!(f.lines, [2, 4]);
}

#[test]
fn long_last_line_without_newline() {
    let o = options(|o| o.limits = Limits { line_bytes: 1000, sample_bytes: 4096, ..Limits::default() });
    let f = read_with(format!("id,name\n1,Ann\n2,{}", "x".repeat(500_000)), &o);
    assert_eq!(f.rejected(), [(3, CsvCode::LineTooLong)]);
}

#[test]
fn line_of_exactly_the_limit() {
    let o = options(|o| o.limits = Limits { line_bytes: 1000, sample_bytes: 4096, ..Limits::default() });
    for end in ["\n", "\r\n", ""] {
        let f = read_with(format!("id,name\n1,{}{end}", "x".repeat(998)), &o);
        assert_eq!(f.counts.records, 1, "{end:?}");
        let f = read_with(format!("id,name\n1,{}{end}", "x".repeat(999)), &o);
        assert_eq!(f.rejected(), [(2, CsvCode::LineTooLong)], "{end:?}");
    }
}

#[test]
fn record_over_lines_beyond_the_limit() {
    let o = options(|o| o.limits = Limits { line_bytes: 100, sample_bytes: 4096, ..Limits::default() });
    let data = format!("id,name\n1,\"{}\"\n2,x\n", "abcdefghi\n".repeat(20));
    let f = read_with(data, &o);
    assert_eq!(f.rejected()[0], (2, CsvCode::RecordTooLong));
    assert_eq!(f.counts.records, 1);
    assert_eq!(f.lines, [23]);
}

#[test]
fn backslash_escape() {
    let f = read("id,name\n1,\"Ann \\\"A\\\" Lee, x\"\n2,\"back\\\\slash\"\n3,\"C:\\new\"\n");
    assert_eq!(f.dialect.escape, importer_connectors::csv::Escape::Backslash);
    assert_eq!(f.cells(), [["1", "Ann \"A\" Lee, x"], ["2", "back\\slash"], ["3", "C:\\new"]]);
}

#[test]
fn windows_path_at_the_end_of_a_cell_is_no_escape() {
    let f = read("id,path\n1,\"C:\\dir\\\"\n2,\"D:\\\"\n");
    assert_eq!(f.cells(), [["1", "C:\\dir\\"], ["2", "D:\\"]]);
}

#[test]
fn lone_cr_in_an_lf_file_is_text() {
    let f = read("a,b\n1,x\ry\n2,z\n3,z\n4,z\n5,z\n6,z\n7,z\n8,z\n9,z\n10,z\n11,z\n");
    assert_eq!(f.cells()[0], ["1", "x\ry"]);
}

#[test]
fn a_column_may_be_called_line_number() {
    let f = read("line_number,x\n7,y\n");
    assert_eq!(f.cells(), [["7", "y"]]);
    assert_eq!(f.lines, [2]);
}

#[test]
fn codes_are_stable_and_have_hints() {
    for code in CsvCode::ALL {
        assert!(code.as_str().starts_with("CSV_"));
        assert!(code.hint().len() > 20);
    }
}

#[test]
fn open_quotes_on_every_line_stay_cheap() {
    let mut data = String::from("id,name\n");
    for _ in 0..50_000 {
        data.push_str("x\",\"\n");
    }
    let quote = options(|o| o.quote = Some(QuoteOption::Char(b'"')));
    let f = read_with(&data, &quote);
    assert_eq!(f.counts.records, 0);
    assert_eq!(f.counts.rejected, 50_000);
}
