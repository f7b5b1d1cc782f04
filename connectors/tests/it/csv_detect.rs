//! What is detected from ugly files.

use importer_connectors::csv::{CsvCode, Delimiter, LineEnding, QuoteOption};
use importer_connectors::source::Confidence;

use crate::support::{options, read, read_with, try_read};

#[test]
fn delimiters() {
    for d in [',', ';', '\t', '|', ':', '^'] {
        let data = format!("id{d}name{d}city\n1{d}Ann{d}Rome\n2{d}Bob{d}Oslo\n");
        let f = read(&data);
        assert_eq!(f.dialect.delimiter, d as u8, "{}", f.dialect.evidence);
        assert_eq!(f.cells(), [["1", "Ann", "Rome"], ["2", "Bob", "Oslo"]]);
    }
}

#[test]
fn decimal_commas_under_semicolons() {
    let f = read("name;price;tax\nA;1,50;0,10\nB;2,75;0,20\n");
    assert_eq!(f.dialect.delimiter, b';');
    assert_eq!(f.cells()[0], ["A", "1,50", "0,10"]);
    let f = read("price;tax\n1,50;0,10\n2,75;0,20\n");
    assert_eq!(f.cells()[1], ["2,75", "0,20"]);
}

#[test]
fn thousands_commas_under_tabs() {
    let f = read("name\tsum\nA\t1,500\nB\t2,750\n");
    assert_eq!(f.dialect.delimiter, b'\t');
}

#[test]
fn delimiters_inside_quotes() {
    let f = read("id;note\n1;\"a, b, c, d\"\n2;\"e, f, g, h\"\n");
    assert_eq!(f.dialect.delimiter, b';');
    let f = read("id,note\n1,\"a;b;c\"\n2,\"d;e;f\"\n");
    assert_eq!(f.dialect.delimiter, b',');
}

#[test]
fn lists_in_cells() {
    let f = read("id,name,tags,city\n1,Ann,a;b;c,Rome\n2,Bob,d;e;f,Oslo\n");
    assert_eq!(f.dialect.delimiter, b',');
}

#[test]
fn times_do_not_make_a_colon_file() {
    let f = read("id,at\n1,10:30:00\n2,11:45:00\n");
    assert_eq!(f.dialect.delimiter, b',');
    assert_eq!(read("at\n10:30\n11:45\n").names(), ["at"]);
}

#[test]
fn one_column() {
    let f = read("email\na@example.org\nb@example.org\n");
    assert_eq!(f.names(), ["email"]);
    assert_eq!(f.counts.records, 2);
}

#[test]
fn one_column_with_commas_in_the_text() {
    let f = read("name\nSmith, John\nDoe, Jane\nRoe, Richard\n");
    assert_eq!(f.names(), ["name"]);
    assert_eq!(f.cells()[0], ["Smith, John"]);
    let f = read("comment\nwell, maybe\nno\nyes, of course, why not\nok\n");
    assert_eq!(f.names(), ["comment"]);
    assert_eq!(f.counts.records, 4);
}

#[test]
fn header_only() {
    for data in ["id,name,email", "id,name,email\n", "id,name,email\r\n\r\n"] {
        let f = read(data);
        assert_eq!(f.names(), ["id", "name", "email"]);
        assert!(f.counts.is_header_only());
    }
    assert_eq!(read("id").names(), ["id"]);
}

#[test]
fn excel_sep_line() {
    let f = read("sep=;\r\nid;name\r\n1;a,b,c\r\n");
    assert_eq!(f.dialect.delimiter, b';');
    assert_eq!(f.dialect.preamble_lines, 1);
    assert_eq!(f.dialect.evidence.why("delimiter").map(|e| e.confidence), Some(Confidence::High));
    assert_eq!(f.cells(), [["1", "a,b,c"]]);
    assert_eq!(f.lines, [3]);
    assert_eq!(read("\"sep=|\"\nid|name\n1|x\n").cells(), [["1", "x"]]);
}

#[test]
fn titles_before_the_header() {
    let f = read("Volunteer report\nExported 2024-03-01\n\nid,name,email\n1,Ann,a@x.org\n2,Bob,b@x.org\n");
    assert_eq!(f.names(), ["id", "name", "email"]);
    assert_eq!(f.dialect.preamble_lines, 3);
    assert_eq!(f.dialect.preamble, ["Volunteer report", "Exported 2024-03-01", ""]);
    assert_eq!(f.lines, [5, 6]);
}

#[test]
fn titles_padded_with_delimiters() {
    let f = read("Volunteer report,,\n,,\nid,name,email\n1,Ann,a@x.org\n2,Bob,b@x.org\n");
    assert_eq!(f.names(), ["id", "name", "email"]);
    assert_eq!(f.dialect.preamble_lines, 2);
}

#[test]
fn titles_with_key_and_value() {
    let f = read("Exported by;Ann\nDate;2024-01-01\n\nid;name;hours\n1;Ann;3\n2;Bob;4\n3;Cid;5\n");
    assert_eq!(f.names(), ["id", "name", "hours"]);
    assert_eq!(f.dialect.preamble_lines, 3);
}

#[test]
fn comments_before_the_header() {
    let f = read("# exported, 2024\n# by a tool\nid,name\n1,Ann\n");
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.dialect.preamble_lines, 2);
}

#[test]
fn a_hash_can_begin_a_header() {
    assert_eq!(read("#,name,email\n1,Ann,a@x.org\n2,Bob,b@x.org\n").names(), ["#", "name", "email"]);
    assert_eq!(read("#id,name\n1,Ann\n2,Bob\n").names(), ["#id", "name"]);
}

#[test]
fn blank_lines_before_the_header() {
    let f = read("\n\nid,name\n1,Ann\n");
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.dialect.preamble_lines, 2);
    assert_eq!(f.lines, [4]);
}

#[test]
fn skip_lines() {
    let o = options(|o| o.skip_lines = Some(2));
    let f = read_with("x,y\nz,w\nid,name\n1,Ann\n", &o);
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.lines, [4]);
    let o = options(|o| o.skip_lines = Some(0));
    let f = read_with("Title\nid,name\n1,Ann\n", &o);
    assert_eq!(f.dialect.preamble_lines, 0);
    assert_eq!(f.names().len(), 1);
}

#[test]
fn more_lines_are_skipped_than_there_are() {
    for (text, skip, lines) in [
        ("id,name\n1,Ann\n", 2, "only 2 lines"),
        ("id,name\r\n1,Ann", 99, "only 2 lines"),
        ("id,name\r1,Ann\r", 5, "only 2 lines"),
        ("id,name", 1, "only 1 line"),
    ] {
        let options = options(|o| o.skip_lines = Some(skip));
        let Err(error) = try_read(text.as_bytes(), &options) else { panic!("{text:?} was read") };
        assert_eq!(error.code(), "CSV_OPTIONS", "{text:?}");
        let told = error.to_string();
        assert!(told.contains(&skip.to_string()) && told.ends_with(lines), "{text:?}: {told}");
    }
    assert_eq!(read_with("x\nid,name\n1,Ann\n", &options(|o| o.skip_lines = Some(1))).counts.records, 1);
}

#[test]
fn trailing_blank_columns() {
    let f = read("id,name,,\n1,Ann,,\n2,Bob,,\n3,Cid\n");
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.dialect.trailing_blank_columns, 2);
    assert_eq!(f.cells(), [["1", "Ann"], ["2", "Bob"], ["3", "Cid"]]);
}

#[test]
fn content_in_a_trailing_blank_column_is_not_lost() {
    let mut data = String::from("id,name,\n");
    for i in 0..30 {
        data.push_str(&format!("{i},Ann,\n"));
    }
    data.push_str("31,Ann,surprise\n32,Bob,\n");
    let f = read(&data);
    assert_eq!(f.rejected(), [(32, CsvCode::TooManyFields)]);
    assert_eq!(f.counts.records, 31);
    // In many rows it is a column that lacks its name.
    let f = read("id,name,\n1,Ann,x\n2,Bob,y\n");
    assert_eq!(f.names(), ["id", "name", "column_3"]);
    assert_eq!(f.counts.records, 2);
}

#[test]
fn delimiter_at_the_end_of_rows_only() {
    let f = read("id,name\n1,Ann,\n2,Bob,\n3,Cid,\n");
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.counts.records, 3);
    assert_eq!(f.dialect.trailing_blank_columns, 1);
}

#[test]
fn line_endings() {
    assert_eq!(read("a,b\n1,2\n").dialect.line_ending, LineEnding::Lf);
    assert_eq!(read("a,b\r\n1,2\r\n").dialect.line_ending, LineEnding::CrLf);
    let f = read("a,b\r1,2\r3,4\r");
    assert_eq!(f.dialect.line_ending, LineEnding::Cr);
    assert_eq!(f.cells(), [["1", "2"], ["3", "4"]]);
    assert_eq!(f.lines, [2, 3]);
    let f = read("a,b\r\n1,2\n3,4\r\n");
    assert_eq!(f.cells(), [["1", "2"], ["3", "4"]]);
    let f = read("a,b\r\n1,2\n3,4\r5,6\r7,8");
    assert_eq!(f.dialect.line_ending, LineEnding::Mixed);
    assert_eq!(f.counts.records, 4);
    assert_eq!(f.lines, [2, 3, 4, 5]);
}

#[test]
fn apostrophes_do_not_make_a_quote() {
    let f = read("id,name\n1,O'Brien\n2,D'Arcy\n3,'t Hooft\n");
    assert_eq!(f.dialect.quote, Some(b'"'));
    assert_eq!(f.cells(), [["1", "O'Brien"], ["2", "D'Arcy"], ["3", "'t Hooft"]]);
    let f = read("id,name\n1,\"O'Brien, Pat\"\n2,'t Hooft\n");
    assert_eq!(f.dialect.quote, Some(b'"'));
}

#[test]
fn single_quotes() {
    let f = read("'id','name'\n'1','Lee, Ann'\n'2','O''Brien'\n");
    assert_eq!(f.dialect.quote, Some(b'\''));
    assert_eq!(f.cells(), [["1", "Lee, Ann"], ["2", "O'Brien"]]);
}

#[test]
fn single_quotes_with_a_pipe() {
    let f = read("id|name\n1|'a|b'\n2|'c|d'\n3|'e|f'\n");
    assert_eq!(f.dialect.quote, Some(b'\''));
    assert_eq!(f.cells()[0], ["1", "a|b"]);
}

#[test]
fn quotes_that_are_text() {
    let f = read(format!("id\tname\n{}", "1\t\"Big\n2\t\"Old\" Joe\n3\ty\n".repeat(20)));
    assert_eq!(f.dialect.quote, None, "{}", f.dialect.evidence);
    assert_eq!(f.counts.records, 60);
    assert_eq!(f.cells()[0], ["1", "\"Big"]);
}

#[test]
fn quote_and_delimiter_given() {
    let o = options(|o| {
        o.quote = Some(QuoteOption::None);
        o.delimiter = Some(Delimiter::new(b'|').expect("a pipe"));
    });
    let f = read_with("a|b\n\"x|y\"\n", &o);
    assert_eq!(f.cells(), [["\"x", "y\""]]);
    assert_eq!(f.dialect.evidence.why("quote").map(|e| e.confidence), Some(Confidence::Given));
}

#[test]
fn without_header() {
    let o = options(|o| o.header = Some(false));
    let f = read_with("1,Ann\n2,Bob\n", &o);
    assert_eq!(f.names(), ["column_1", "column_2"]);
    assert_eq!(f.counts.records, 2);
    assert_eq!(f.lines, [1, 2]);
    // Taken for a header, such a row is at least doubtful.
    let f = read("1,Ann\n2,Bob\n");
    assert_eq!(f.dialect.evidence.why("header").map(|e| e.confidence), Some(Confidence::Low));
    assert_eq!(f.dialect.evidence.weakest().map(|e| e.confidence), Some(Confidence::Low));
}

#[test]
fn header_names() {
    let f = read("email,email,,Email\n1,2,3,4\n");
    assert_eq!(f.names(), ["email", "email_2", "column_3", "Email_3"]);
    assert_eq!(f.headers.original, ["email", "email", "", "Email"]);
}

#[test]
fn header_over_two_lines() {
    let f = read("id,\"first\nname\"\n1,Ann\n");
    assert_eq!(f.names(), ["id", "first\nname"]);
    assert_eq!(f.counts.header_lines, 2);
    assert_eq!(f.lines, [3]);
}

#[test]
fn the_dialect_shows_everything() {
    let text = read("sep=;\nid;name\n1;x\n").dialect.evidence.to_string();
    for item in [
        "encoding",
        "delimiter",
        "quote",
        "escape",
        "line ending",
        "preamble",
        "header",
        "columns",
        "compression",
    ] {
        assert!(text.contains(item), "{item} is missing in\n{text}");
    }
}

#[test]
fn options_from_words() {
    assert_eq!("tab".parse::<Delimiter>().map(Delimiter::byte), Ok(b'\t'));
    assert_eq!("\\t".parse::<Delimiter>().map(Delimiter::byte), Ok(b'\t'));
    assert_eq!("\t".parse::<Delimiter>().map(Delimiter::byte), Ok(b'\t'));
    assert_eq!("~".parse::<Delimiter>().map(Delimiter::byte), Ok(b'~'));
    for wrong in ["", "x", "\"", "ab", "\n", "ä"] {
        let error = wrong.parse::<Delimiter>().expect_err(wrong);
        assert!(error.to_string().contains("delimiter"));
    }
    assert_eq!("none".parse(), Ok(QuoteOption::None));
    assert_eq!("crlf".parse(), Ok(LineEnding::CrLf));
    assert!("utf-9".parse::<importer_connectors::csv::CsvEncoding>().is_err());
}

#[test]
fn blanks_before_quotes() {
    let f = read("\"id\", \"name\"\n\"1\", \"Lee, Ann\"\n\"2\", \"Roe, \"\"R\"\"\"\n3, plain\n");
    assert!(f.dialect.blank_before_quote);
    assert_eq!(f.names(), ["id", "name"]);
    assert_eq!(f.cells(), [["1", "Lee, Ann"], ["2", "Roe, \"R\""], ["3", "plain"]]);
    // Without such a pattern the blank makes the cell unquoted, and its quotes text.
    assert_eq!(read("id,name\n1, \"Ann\"\n2,Bob\n").cells()[0], ["1", " \"Ann\""]);
}

#[test]
fn double_cr_line_ends() {
    let f = read("a,b\r\r\n1,2\r\r\n3,4\r\r\n");
    assert_eq!(f.cells(), [["1", "2"], ["3", "4"]]);
    assert_eq!(f.counts.rejected, 0);
}

#[test]
fn footers_are_rejected_not_lost() {
    let f = read("id,name\n1,Ann\n2,Bob\nTotal: 2 rows\n");
    assert_eq!(f.rejected(), [(4, CsvCode::TooFewFields)]);
}

#[test]
fn a_few_broken_quotes_do_not_switch_quoting_off() {
    let f = read("id,name\n1,\"Ann\n2,\"Bo\" b\n3,Cid\n4,\"Dot\n5,Eve\n");
    assert_eq!(f.dialect.quote, Some(b'"'));
    assert_eq!(f.rejected(), [(2, CsvCode::UnclosedQuote), (5, CsvCode::UnclosedQuote)]);
}

#[test]
fn a_header_that_is_too_short_is_no_title() {
    let f = read("name\n1,Ann\n2,Bob\n3,Cid\n");
    assert_eq!(f.names(), ["column_1", "name"]);
    assert_eq!(f.counts.records, 3);
    let f = read("Volunteers\nid,name,hours\n1,Ann,3\n2,Bob,4\n");
    assert_eq!(f.names(), ["id", "name", "hours"]);
}

#[test]
fn years_in_the_header_below_a_title() {
    let f = read("Hours per region\nregion,2023,2024\nNorth,1,2\nSouth,3,4\n");
    assert_eq!(f.names(), ["region", "2023", "2024"]);
}

#[test]
fn titles_with_commas_of_their_own() {
    let f = read("Report of March, all regions\n\nid,name,email\n1,Ann,a@x.org\n2,Bob,b@x.org\n");
    assert_eq!(f.names(), ["id", "name", "email"]);
}

#[test]
fn two_column_files() {
    for (data, names) in [
        ("name;price\nA;1,50\nB;2,75\n", ["name", "price"]),
        ("email,phone\na@x.org,+1 415 555 0100\n", ["email", "phone"]),
        ("key:value\na:1\nb:2\n", ["key", "value"]),
        ("id,note\n1,\"hello; there; you\"\n2,\"x|y\"\n", ["id", "note"]),
        ("id,url\n1,https://x.org/a\n2,https://x.org/b\n", ["id", "url"]),
    ] {
        let f = read(data);
        assert_eq!(f.names(), names, "{}", f.dialect.evidence);
        assert_eq!(f.counts.rejected, 0);
    }
}
