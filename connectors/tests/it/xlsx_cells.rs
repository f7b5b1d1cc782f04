//! Cells of sheets as text.

use importer_connectors::connector::Request;
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula};

use super::xlsx_support::{Sheet, book, raw, read, read_with, rows, sheet, table, words};

#[test]
fn dates_and_times_by_their_format() {
    let bytes = sheet(|sheet| {
        let formats =
            ["dd.mm.yyyy", "yyyy-mm-dd hh:mm", "hh:mm", "[h]:mm:ss", "mmm yy", "yyyy-mm-dd hh:mm:ss"];
        for (column, name) in (0..).zip(["date", "both", "time", "duration", "month", "midnight"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        let values = [45_322.0, 45_322.437_5, 0.75, 1.5, 45_292.0, 45_322.0];
        for (column, (value, format)) in (0..).zip(values.iter().zip(formats)) {
            sheet.write_number_with_format(1, column, *value, &Format::new().set_num_format(format)).unwrap();
        }
    });
    assert_eq!(
        read(&bytes).cells(),
        [["2024-01-31", "2024-01-31T10:30:00", "18:00:00", "36:00:00", "2024-01-01", "2024-01-31T00:00:00"]]
    );
}

#[test]
fn dates_from_1904_on() {
    let xml = r#"<row><c t="str"><v>day</v></c></row><row><c s="1"><v>43860</v></c></row>"#;
    let bytes = with_styles(xml, r#"<xf numFmtId="0"/><xf numFmtId="14"/>"#, r#"<workbookPr date1904="1"/>"#);
    let sheet = read(&bytes);
    assert_eq!(sheet.cells(), [["2024-01-31"]]);
    assert!(sheet.why("dates").starts_with("from 1904 on high"));
}

fn with_styles(rows: &str, formats: &str, properties: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let workbook = format!(
        r#"<workbook>{properties}<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    super::xlsx_support::zip(&[
        ("_rels/.rels", super::xlsx_support::RELATIONS),
        ("xl/workbook.xml", &workbook),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/worksheet" Target="/xl/worksheets/s.xml"/></Relationships>"#,
        ),
        ("xl/styles.xml", &format!("<styleSheet><cellXfs>{formats}</cellXfs></styleSheet>")),
        ("xl/worksheets/s.xml", &sheet),
    ])
}

#[test]
fn dates_that_do_not_exist_stay_numbers() {
    let bytes = sheet(|sheet| {
        let date = Format::new().set_num_format("dd.mm.yyyy");
        sheet.write_string(0, 0, "day").unwrap();
        for (row, serial) in (1..).zip([60.0, 0.0, -5.0, 3_000_000.0, 1.0]) {
            sheet.write_number_with_format(row, 0, serial, &date).unwrap();
        }
    });
    let sheet = read(&bytes);
    assert_eq!(sheet.cells(), [["60"], ["0"], ["-5"], ["3000000"], ["1900-01-01"]]);
    let rows: Vec<i64> = sheet.found().iter().map(|(row, _, _)| *row).collect();
    assert_eq!(rows, [2, 3, 4, 5]);
    assert!(sheet.found().iter().all(|(_, _, code)| *code == "XLSX_DATE_OUTSIDE"));
}

#[test]
fn zeros_that_a_format_shows_are_kept() {
    let bytes = sheet(|sheet| {
        for (column, name) in (0..).zip(["zip", "ssn", "plain", "money"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        for (column, format) in (0..).zip(["00000", "000-00-0000", "0", "#,##0.00 \u{20AC}"]) {
            sheet.write_number_with_format(1, column, 501.0, &Format::new().set_num_format(format)).unwrap();
        }
    });
    assert_eq!(read(&bytes).cells(), [["00501", "000000501", "501", "501"]]);
}

#[test]
fn numbers_booleans_and_percentages() {
    let bytes = sheet(|sheet| {
        for (column, name) in (0..).zip(["share", "phone", "big", "small", "yes"]) {
            sheet.write_string(0, column, name).unwrap();
        }
        sheet.write_number_with_format(1, 0, 0.25, &Format::new().set_num_format("0%")).unwrap();
        sheet.write_number(1, 1, 493_012_345_678.0).unwrap();
        sheet.write_number(1, 2, 4_111_111_111_111_111.0).unwrap();
        sheet.write_number(1, 3, 0.000_001_5).unwrap();
        sheet.write_boolean(1, 4, true).unwrap();
    });
    let sheet = read(&bytes);
    assert_eq!(sheet.cells(), [["0.25", "493012345678", "4111111111111111", "0.0000015", "true"]]);
    assert_eq!(sheet.found(), [(2, 2, "XLSX_DIGITS_LOST")]);
    assert_eq!(
        sheet.findings[0].reason,
        "a number has more digits than a spreadsheet keeps in the column \"big\""
    );
}

#[test]
fn formulas_errors_and_missing_results() {
    let bytes = rows(concat!(
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>sum</t></is></c><c r="C1" t="inlineStr"><is><t>x</t></is></c></row>"#,
        r#"<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2"><f>SUM(A1)</f></c><c r="C2" t="e"><v>#REF!</v></c></row>"#,
        r##"<row r="3"><c r="A3"><f>1</f><v></v></c><c r="B3"><f>1</f><v/></c><c r="C3" t="e"><f>X()</f><v>#SPILL!</v></c></row>"##,
        r#"<row r="4"><c r="A4" t="str"><f>""</f><v></v></c><c r="B4" t="str"><f>A</f><v>a &amp; b</v></c><c r="C4" t="b"><v>0</v></c></row>"#,
    ));
    let sheet = read(&bytes);
    assert_eq!(sheet.cells(), [["2", "~", "~"], ["~", "~", "~"], ["~", "a & b", "false"]]);
    assert_eq!(
        sheet.found(),
        [
            (2, 2, "XLSX_ERROR_CELL"),
            (2, 1, "XLSX_NO_CACHED_VALUE"),
            (3, 2, "XLSX_ERROR_CELL"),
            (3, 0, "XLSX_NO_CACHED_VALUE"),
        ]
    );
    let reason = "a formula without its result was read as empty in the columns \"id\", \"sum\"";
    assert_eq!(sheet.findings[3].reason, reason);
}

#[test]
fn formulas_of_a_writer() {
    let bytes = sheet(|sheet| {
        sheet.write_string(0, 0, "id").unwrap();
        sheet.write_formula(1, 0, Formula::new("=1+1").set_result("2")).unwrap();
        sheet.write_formula(2, 0, Formula::new("=\"a\"").set_result("a")).unwrap();
        sheet.write_formula(3, 0, Formula::new("=1/0").set_result("#DIV/0!")).unwrap();
    });
    let sheet = read(&bytes);
    assert_eq!(sheet.cells(), [["2"], ["a"], ["~"]]);
    assert_eq!(sheet.found(), [(4, 0, "XLSX_ERROR_CELL")]);
}

#[test]
fn cells_that_do_not_hold_what_they_say_cost_their_row() {
    let bytes = rows(concat!(
        r#"<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>b</v></c></row>"#,
        r#"<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="s"><v>9</v></c></row>"#,
        r#"<row r="3"><c r="A3" t="n"><v>1,5</v></c><c r="B3" t="str"><v>x"y</v></c></row>"#,
        r#"<row r="4"><c r="A4" t="b"><v>maybe</v></c><c r="B4"><v>4</v></c></row>"#,
        r#"<row r="5"><c r="A5" t="zz"><v>5</v></c></row>"#,
        r#"<row r="6"><c r="A6"><v>6</v></c><c r="B6"><v>abc</v></c></row>"#,
    ));
    let sheet = read(&bytes);
    assert_eq!(sheet.cells(), [["6", "abc"]]);
    assert_eq!(sheet.rejected(), [2, 3, 4, 5].map(|row| (row, "XLSX_CELL_UNREADABLE")));
    assert_eq!(String::from_utf8_lossy(&sheet.rejects[1].raw), r#"[null,"x\"y"]"#);
    assert_eq!(sheet.rejects[0].reason, "the cell B2 does not hold what its type says");
}

#[test]
fn cells_without_places_and_rows_without_order() {
    let plain = rows(concat!(
        r#"<row><c t="str"><v>id</v></c><c t="str"><v>name</v></c></row>"#,
        r#"<row><c><v>1</v></c><c t="str"><v>Ann</v></c></row><row/><row><c/><c t="str"><v>Bob</v></c></row>"#,
    ));
    let sheet = read(&plain);
    assert_eq!((sheet.cells(), sheet.lines.clone()), (vec![vec!["1", "Ann"], vec!["~", "Bob"]], vec![2, 4]));
    let mixed = rows(concat!(
        r#"<row r="1"><c r="B1" t="str"><v>name</v></c><c r="A1" t="str"><v>id</v></c></row>"#,
        r#"<row r="4"><c r="A4"><v>4</v></c></row><row r="2"><c r="B2" t="str"><v>two</v></c><c r="A2"><v>2</v></c></row>"#,
        r#"<row r="3"><c r="A3"><v>3</v></c></row><row r="4"><c r="B4" t="str"><v>four</v></c></row>"#,
    ));
    let sheet = read(&mixed);
    assert_eq!(sheet.names(), ["id", "name"]);
    assert_eq!(sheet.cells(), [["2", "two"], ["3", "~"], ["4", "four"]]);
    assert_eq!(sheet.noted(), [(2, 1, "XLSX_ROWS_UNORDERED")]);
}

#[test]
fn rich_text_phonetics_blanks_and_prefixes() {
    let strings = concat!(
        r#"<x:sst xmlns:x="m" uniqueCount="2"><x:si><x:r><x:t xml:space="preserve">Ann </x:t></x:r><x:r><x:t>Lee</x:t></x:r>"#,
        r#"<x:rPh><x:t>no</x:t></x:rPh></x:si><x:si><x:t xml:space="preserve"> </x:t></x:si></x:sst>"#
    );
    let sheet = concat!(
        r#"<x:worksheet xmlns:x="m"><x:dimension ref="A1:XFD1048576"/><x:sheetData><x:row r="1"><x:c r="A1" t="inlineStr"><x:is><x:t>name</x:t></x:is></x:c></x:row>"#,
        r#"<x:row r="2"><x:c r="A2" t="s"><x:v>0</x:v></x:c></x:row><x:row r="3"><x:c r="A3" t="s"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"#
    );
    let sheet = read(&raw(sheet, strings));
    assert_eq!(sheet.cells(), [["Ann Lee"]]);
    assert_eq!(sheet.counts.blank, 1, "a row of blanks is an empty row");
}

#[test]
fn a_huge_cell() {
    let long = "x".repeat(32_767);
    let sheet = read(&table(&[&["id", "text"], &["1", &long]]));
    assert_eq!(sheet.cells(), [["1", long.as_str()]]);
    let row = |n: i32, text: &str| format!(r#"<row><c><v>{n}</v></c><c t="str"><v>{text}</v></c></row>"#);
    let head = r#"<row><c t="str"><v>id</v></c><c t="str"><v>text</v></c></row>"#;
    let bytes = rows(&format!("{head}{}{}", row(1, &"y".repeat(70_000)), row(2, "z")));
    let sheet = read_with(&bytes, &words([("max_cell_bytes", "65536")]));
    assert_eq!((sheet.cells(), sheet.rejected()), (vec![vec!["2", "z"]], vec![(2, "XLSX_CELL_TOO_LONG")]));
    assert_eq!(sheet.rejects[0].reason, "the cell B2 is longer than a cell may be");
}

#[test]
fn a_date_of_a_writer() {
    let bytes = sheet(|sheet| {
        sheet.write_string(0, 0, "born").unwrap();
        let date = Format::new().set_num_format("m/d/yy");
        let born = ExcelDateTime::from_ymd(1987, 6, 5).unwrap();
        sheet.write_datetime_with_format(1, 0, &born, &date).unwrap();
    });
    assert_eq!(read(&bytes).cells(), [["1987-06-05"]]);
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-zA-Z\u{e4}\u{df}\u{1F600}<>&\"' ]{1,12}x",
        "[a-z]{1,4}\n[a-z]{1,4}",
        (-1_000_000_000_i64..1_000_000_000).prop_map(|n| n.to_string()),
        (-1e6..1e6_f64).prop_map(|n| n.to_string()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// What was written is read, whatever the size of batches.
    #[test]
    fn a_round_trip(body in prop::collection::vec(prop::collection::vec(cell(), 3), 1..20), batch in 1_usize..9) {
        let mut all = vec![vec!["id".to_owned(), "first name".to_owned(), "last name".to_owned()]];
        all.extend(body.clone());
        let texts: Vec<Vec<&str>> = all.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let slices: Vec<&[&str]> = texts.iter().map(Vec::as_slice).collect();
        let request = Request { batch_rows: batch, ..words([("header", "true")]) };
        let sheet: Sheet = super::xlsx_support::read_all(&table(&slices), &request).remove(0);
        let want: Vec<Vec<&str>> = texts[1..]
            .iter()
            .filter(|row| row.iter().any(|cell| !cell.is_empty()))
            .map(|row| row.iter().map(|cell| if cell.is_empty() { "~" } else { cell }).collect())
            .collect();
        prop_assert_eq!(sheet.cells(), want);
        prop_assert!(sheet.findings.is_empty());
    }
}

#[test]
fn the_same_sheet_twice_gives_the_same_batches() {
    let bytes = book(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_string(0, 0, "id").unwrap();
        for row in 1..2000 {
            sheet.write_number(row, 0, f64::from(row)).unwrap();
        }
    });
    assert_eq!(read(&bytes), read(&bytes));
    assert_eq!(read(&bytes).rows.len(), 1999);
}
