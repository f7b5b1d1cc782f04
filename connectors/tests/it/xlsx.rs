//! Sheets as tables: where they stand, how they are named, what is told of them.

use importer_connectors::connector::{KnownNames, Request};
use rust_xlsxwriter::{Format, Workbook};

use super::xlsx_support::{
    book, knowing, read, read_all, read_with, refused, sheet, table, words, write_table,
};

#[test]
fn a_plain_table() {
    let sheet =
        read(&table(&[&["id", "name", "amount"], &["1", "Ann", "3.5"], &["2", "Zo\u{eb} \u{1F600}", ""]]));
    assert_eq!(sheet.names(), ["id", "name", "amount"]);
    assert_eq!(sheet.cells(), [["1", "Ann", "3.5"], ["2", "Zo\u{eb} \u{1F600}", "~"]]);
    assert_eq!(sheet.lines, [2, 3]);
    assert_eq!(sheet.name, "book.xlsx");
    assert_eq!((sheet.counts.header_lines, sheet.counts.record_lines, sheet.counts.lines), (1, 2, 3));
    assert!(sheet.notes.is_empty() && sheet.findings.is_empty() && sheet.rejects.is_empty());
    assert_eq!(sheet.why("format"), "XLSX high: a ZIP with the parts of an Excel workbook");
    assert_eq!(sheet.why("sheet"), "Sheet1 high: it is the only one with rows");
}

#[test]
fn a_header_alone_and_a_single_row() {
    let only = read(&table(&[&["id", "name"]]));
    assert!(only.rows.is_empty() && only.counts.is_header_only());
    assert_eq!(only.names(), ["id", "name"]);
    let one = read(&table(&[&["id", "name"], &["1", "Ann"]]));
    assert_eq!(one.cells(), [["1", "Ann"]]);
    let cell = read(&table(&[&["name"]]));
    assert_eq!(cell.names(), ["name"]);
}

#[test]
fn titles_and_empty_space_around_the_table() {
    let bytes = sheet(|sheet| {
        sheet.write_string(1, 2, "Customers").unwrap();
        sheet.write_string(2, 2, "as of January").unwrap();
        for (column, name) in (2..).zip(["id", "name", "city"]) {
            sheet.write_string(4, column, name).unwrap();
        }
        sheet.write_number(5, 2, 1.0).unwrap();
        sheet.write_string(5, 3, "Ann").unwrap();
        sheet.write_number(7, 2, 2.0).unwrap();
        sheet.write_string(7, 4, "Bonn").unwrap();
    });
    let sheet = read(&bytes);
    assert_eq!(sheet.names(), ["id", "name", "city"]);
    assert_eq!(sheet.cells(), [["1", "Ann", "~"], ["2", "~", "Bonn"]]);
    assert_eq!(sheet.lines, [6, 8]);
    let c = sheet.counts;
    assert_eq!((c.preamble_lines, c.header_lines, c.blank, c.lines), (4, 1, 1, 8));
    assert_eq!(sheet.description.preamble, ["Customers", "as of January"]);
}

#[test]
fn a_title_merged_over_the_table_is_no_group() {
    let bytes = sheet(|sheet| {
        let bold = Format::new();
        sheet.merge_range(0, 0, 0, 2, "Customers", &bold).unwrap();
        write_rows(sheet, 1, &[&["id", "name", "city"], &["1", "Ann", "Bonn"]]);
    });
    assert_eq!(read(&bytes).names(), ["id", "name", "city"]);
}

fn write_rows(sheet: &mut rust_xlsxwriter::Worksheet, first: u32, rows: &[&[&str]]) {
    let mut all: Vec<&[&str]> = vec![&[]; first as usize];
    all.extend(rows);
    write_table(sheet, &all);
}

#[test]
fn a_header_in_two_rows() {
    let bytes = sheet(|sheet| {
        let plain = Format::new();
        sheet.write_string(0, 0, "Members 2024").unwrap();
        sheet.merge_range(1, 0, 2, 0, "Id", &plain).unwrap();
        sheet.merge_range(1, 1, 1, 2, "Name", &plain).unwrap();
        sheet.merge_range(1, 3, 1, 4, "Address", &plain).unwrap();
        write_rows(
            sheet,
            2,
            &[&["", "First", "Last", "Street", "City"], &["1", "Ann", "Lee", "Elm St", "Bonn"]],
        );
    });
    let sheet = read(&bytes);
    assert_eq!(sheet.names(), ["Id", "Name First", "Name Last", "Address Street", "Address City"]);
    assert_eq!(sheet.cells(), [["1", "Ann", "Lee", "Elm St", "Bonn"]]);
    assert_eq!((sheet.counts.preamble_lines, sheet.counts.header_lines), (1, 2));
    assert_eq!(sheet.lines, [4]);
}

#[test]
fn a_merged_name_is_that_of_all_its_columns() {
    let bytes = sheet(|sheet| {
        write_rows(sheet, 0, &[&["id"], &["1", "030", "123"], &["2", "040", "456"]]);
        sheet.merge_range(0, 1, 0, 2, "phone", &Format::new()).unwrap();
    });
    assert_eq!(read(&bytes).names(), ["id", "phone", "phone_2"]);
}

#[test]
fn known_names_find_the_header_among_wide_titles() {
    let rows: &[&[&str]] = &[
        &["Report", "of", "the", "Club"],
        &["made", "by", "Ann", "Lee"],
        &["email", "phone", "extra", ""],
        &["a@b.org", "030", "x", ""],
    ];
    let sheet = read_with(&table(rows), &knowing(&["email", "phone"]));
    assert_eq!(sheet.names(), ["email", "phone", "extra"]);
    assert_eq!(sheet.why("header"), "true high: 2 cells of row 3 are names of known fields");
    assert_eq!(sheet.noted(), [(1, 2, "XLSX_ROWS_PASSED")]);
}

#[test]
fn a_header_in_two_languages() {
    let pairs = [["First", "Vorname"], ["Last", "Nachname"], ["Town", "Ort"]];
    let known = KnownNames::new(move |cell| pairs.iter().position(|pair| pair.contains(&cell)));
    let request = Request { names: Some(known), ..Request::default() };
    let rows: &[&[&str]] =
        &[&["First", "Last", "Town"], &["Vorname", "Nachname", "Ort"], &["Ada", "Amt", "Bonn"]];
    let sheet = read_with(&table(rows), &request);
    assert_eq!(
        (sheet.names(), sheet.cells()),
        (vec!["First", "Last", "Town"], vec![vec!["Ada", "Amt", "Bonn"]])
    );
    assert_eq!(sheet.noted(), [(2, 1, "XLSX_HEADER_REPEATED")]);
    let turned: &[&[&str]] =
        &[&["First", "Last", "Town"], &["Nachname", "Vorname", "Ort"], &["Ada", "Amt", "Bonn"]];
    // Nothing is read by a guess at which of both rows is right, even where the header comes again.
    let sheet = read_with(&table(turned), &request);
    assert_eq!((sheet.rows.len(), sheet.noted()), (0, vec![(2, 1, "XLSX_SECOND_TABLE")]));
    assert!(sheet.notes[0].reason.contains("--skip-lines 1"), "{}", sheet.notes[0].reason);
    assert_eq!(sheet.rejected(), [(2, "XLSX_OTHER_TABLE"), (3, "XLSX_OTHER_TABLE")]);
    let pages = [turned, turned].concat();
    assert_eq!(read_with(&table(&pages), &request).rows.len(), 0);
    // The same words in another order are read by.
    let reordered: &[&[&str]] =
        &[&["First", "Last", "Town"], &["Last", "First", "Town"], &["Amt", "Ada", "Bonn"]];
    assert_eq!(read_with(&table(reordered), &request).cells(), [["Ada", "Amt", "Bonn"]]);
}

#[test]
fn a_second_header_in_other_words_in_the_middle() {
    let pairs = [["First", "Vorname"], ["Last", "Nachname"], ["Town", "Ort"]];
    let known = KnownNames::new(move |cell| pairs.iter().position(|pair| pair.contains(&cell)));
    let request = Request { names: Some(known), ..Request::default() };
    let head: &[&str] = &["First", "Last", "Town"];
    let ada: &[&str] = &["Ada", "Amt", "Bonn"];
    for (second, what) in [
        (["Nachname", "Vorname", "Ort"], "in another order"),
        (["Vorname", "Nachname", "Ort"], "in other words, far below"),
    ] {
        for rows in [2, 500] {
            let mut table_rows = vec![head];
            table_rows.extend(vec![ada; rows]);
            table_rows.extend([&second as &[&str], ada]);
            let sheet = read_with(&table(&table_rows), &request);
            let line = rows as i64 + 2;
            assert_eq!(sheet.rows.len(), rows, "{second:?}");
            assert_eq!(sheet.noted(), [(line, 1, "XLSX_SECOND_TABLE")], "{second:?}");
            assert!(sheet.notes[0].reason.contains(what), "{}", sheet.notes[0].reason);
            assert_eq!(sheet.rejected(), [0, 1].map(|n| (line + n, "XLSX_OTHER_TABLE")), "{second:?}");
        }
    }
    // One word of a header is data, and what is below the header itself is read again.
    let rows: &[&[&str]] =
        &[head, ada, &["Nachname", "Amt", "Ulm"], &["Vorname", "Nachname", "Ort"], ada, head, ada];
    let sheet = read_with(&table(rows), &request);
    assert_eq!((sheet.rows.len(), sheet.lines.clone()), (3, vec![2, 3, 7]), "{:?}", sheet.notes);
}

#[test]
fn one_wide_row_makes_no_titles_of_the_others() {
    let mut rows: Vec<&[&str]> = vec![&["id", "name"]];
    rows.extend([&["1", "Ann"] as &[&str]; 9]);
    rows.push(&["2", "Bob", "a", "b", "c", "d", "e"]);
    let sheet = read(&table(&rows));
    assert_eq!((sheet.names()[..2].to_vec(), sheet.rows.len()), (vec!["id", "name"], 10));
    let list: &[&[&str]] =
        &[&["Members"], &["id", "name", "city"], &["1"], &["2"], &["3"], &["4"], &["5"], &["6"]];
    assert_eq!(read(&table(list)).names(), ["id", "name", "city"]);
}

#[test]
fn a_table_without_header() {
    let rows: &[&[&str]] = &[&["1", "Ann", "3.5"], &["2", "Bob", "4.5"], &["3", "Cy", "5.5"]];
    let sheet = read(&table(rows));
    assert_eq!(sheet.names(), ["column_1", "column_2", "column_3"]);
    assert_eq!((sheet.lines, sheet.counts.header_lines), (vec![1, 2, 3], 0));
    assert_eq!(sheet.notes[0].code.as_str(), "XLSX_NO_HEADER");
    let told = read_with(&table(rows), &words([("header", "true")]));
    assert_eq!(told.names(), ["1", "Ann", "3.5"]);
    let none = read_with(&table(&[&["a", "b"], &["c", "d"]]), &words([("header", "false")]));
    assert_eq!((none.names(), none.rows.len()), (vec!["column_1", "column_2"], 2));
    assert!(none.notes.is_empty());
}

#[test]
fn years_above_columns_are_names() {
    let sheet = read(&table(&[&["name", "2022", "2023"], &["Ann", "5", "6"], &["Bob", "7", "8"]]));
    assert_eq!(sheet.names(), ["name", "2022", "2023"]);
}

#[test]
fn lines_above_the_header_are_counted_like_those_of_text() {
    let rows: &[&[&str]] = &[&["a", "b"], &[], &["id", "name"], &["1", "Ann"]];
    for skip in ["1", "2"] {
        let sheet = read_with(&table(rows), &words([("skip_lines", skip)]));
        assert_eq!((sheet.names(), sheet.lines.clone()), (vec!["id", "name"], vec![4]));
        assert_eq!(sheet.description.preamble, ["a  b"]);
    }
    let none = read_with(&table(rows), &words([("skip_lines", "2"), ("header", "false")]));
    assert_eq!((none.lines, none.counts.preamble_lines), (vec![3, 4], 2));
    let beyond = read_with(&table(rows), &words([("skip_lines", "9")]));
    assert_eq!((beyond.rows.len(), beyond.counts.preamble_lines, beyond.counts.lines), (0, 4, 4));
}

#[test]
fn totals_at_the_end_are_passed_over() {
    let rows: &[&[&str]] = &[
        &["name", "amount"],
        &["Ann", "3"],
        &["Total", "3"],
        &["Bob", "4"],
        &["Subtotal", "4"],
        &["Total:", "7"],
    ];
    let sheet = read(&table(rows));
    assert_eq!(sheet.cells(), [["Ann", "3"], ["Total", "3"], ["Bob", "4"]]);
    assert_eq!(sheet.found(), [(3, 0, "XLSX_TOTALS_ROW")]);
    assert_eq!(sheet.noted(), [(5, 2, "XLSX_TOTALS_ROW")]);
    assert_eq!(sheet.counts.passed, 2);
    let doubtful = read(&table(&[&["name", "city", "n"], &["Ann", "Bonn", "1"], &["Total", "Bonn", "1"]]));
    assert_eq!((doubtful.rows.len(), doubtful.found()), (2, vec![(3, 0, "XLSX_TOTALS_ROW")]));
}

#[test]
fn a_header_that_comes_again_is_passed_over() {
    let rows: &[&[&str]] = &[&["id", "name"], &["1", "Ann"], &["id", "name"], &["2", "Bob"], &["id", "name"]];
    let sheet = read(&table(rows));
    assert_eq!((sheet.rows.len(), sheet.counts.passed), (2, 2));
    assert_eq!(sheet.noted(), [(3, 2, "XLSX_HEADER_REPEATED")]);
}

#[test]
fn a_header_in_another_order_is_read_by() {
    let rows: &[&[&str]] = &[
        &["First name", "Last name", "Email"],
        &["Ann", "Lee", "ann@example.org"],
        &["LAST NAME", "First name", "Email"],
        &["Moss", "Bob", "bob@example.org"],
        &["first name", "Last Name", "Email"],
        &["Cy", "Hill", "cy@example.org"],
    ];
    let sheet = read(&table(rows));
    assert_eq!(
        sheet.cells(),
        [
            ["Ann", "Lee", "ann@example.org"],
            ["Bob", "Moss", "bob@example.org"],
            ["Cy", "Hill", "cy@example.org"]
        ]
    );
    assert_eq!(sheet.counts.passed, 2);
    assert_eq!(sheet.noted(), [(3, 1, "XLSX_HEADER_REPEATED"), (5, 1, "XLSX_HEADER_REPEATED")]);
}

#[test]
fn what_is_below_another_header_is_rejected() {
    let rows: &[&[&str]] = &[
        &["First name", "Last name", "Email", "City"],
        &["Ann", "Lee", "ann@example.org", "Bonn"],
        &["First name", "Last name", "Phone", "City"],
        &["Bob", "Moss", "555", "Ulm"],
    ];
    let sheet = read(&table(rows));
    assert_eq!(sheet.cells(), [["Ann", "Lee", "ann@example.org", "Bonn"]]);
    assert_eq!(sheet.noted(), [(3, 1, "XLSX_SECOND_TABLE")]);
    assert_eq!(
        sheet.rejects.iter().map(|r| (r.line_number, r.code.as_str())).collect::<Vec<_>>(),
        [(3, "XLSX_OTHER_TABLE"), (4, "XLSX_OTHER_TABLE")]
    );
}

#[test]
fn hidden_rows_and_columns_are_read_and_told() {
    let bytes = sheet(|sheet| {
        write_table(sheet, &[&["id", "name"], &["1", "Ann"], &["2", "Bob"], &["3", "Cy"]]);
        sheet.set_row_hidden(2).unwrap();
        sheet.set_row_hidden(3).unwrap();
        sheet.set_column_hidden(1).unwrap();
    });
    let sheet = read(&bytes);
    assert_eq!(sheet.rows.len(), 3);
    assert_eq!(sheet.noted(), [(3, 2, "XLSX_HIDDEN_ROWS"), (1, 1, "XLSX_HIDDEN_COLUMNS")]);
    assert!(sheet.notes[1].reason.contains("first of them B"));
}

#[test]
fn merged_cells_below_the_header_are_told() {
    let bytes = sheet(|sheet| {
        write_table(sheet, &[&["group", "name"], &["", "Ann"], &["", "Bob"]]);
        sheet.merge_range(1, 0, 2, 0, "A", &Format::new()).unwrap();
    });
    let sheet = read(&bytes);
    assert_eq!(sheet.cells(), [["A", "Ann"], ["~", "Bob"]]);
    assert_eq!(sheet.noted(), [(2, 1, "XLSX_MERGED_CELLS")]);
}

#[test]
fn columns_beyond_the_header_and_without_name() {
    let sheet = read(&table(&[&["id", "", "id"], &["1", "", "2", "note"], &["3", "", "4"]]));
    assert_eq!(sheet.names(), ["id", "id_2", "column_3"]);
    assert_eq!(sheet.cells(), [["1", "2", "note"], ["3", "4", "~"]]);
}

#[test]
fn a_wide_table() {
    let names: Vec<String> = (0..1200).map(|n| format!("name {n}")).collect();
    let cells: Vec<String> = (0..1200).map(|n| format!("cell {n}")).collect();
    let rows = [&names, &cells].map(|row| row.iter().map(String::as_str).collect::<Vec<_>>());
    let sheet = read(&table(&[&rows[0], &rows[1]]));
    assert_eq!((sheet.names(), sheet.cells()), (rows[0].clone(), vec![rows[1].clone()]));
}

fn three_sheets(workbook: &mut Workbook) {
    let notes = workbook.add_worksheet().set_name("Read me").unwrap();
    write_table(notes, &[&["This workbook", "was made by hand"]]);
    let people = workbook.add_worksheet().set_name("People").unwrap();
    write_table(people, &[&["id", "email"], &["1", "a@b.org"], &["2", "c@d.org"], &["3", "e@f.org"]]);
    let hidden = workbook.add_worksheet().set_name("Old").unwrap();
    write_table(
        hidden,
        &[&["id", "email"], &["7", "x@y.org"], &["8", "x@y.org"], &["9", "x@y.org"], &["10", "z"]],
    );
    hidden.set_hidden(true);
    workbook.add_worksheet().set_name("Empty").unwrap();
}

#[test]
fn the_sheet_that_looks_like_the_table() {
    let bytes = book(three_sheets);
    let sheet = read(&bytes);
    assert_eq!((sheet.rows.len(), sheet.name.as_str()), (3, "book.xlsx"));
    assert_eq!(sheet.why("sheet"), "People high: it is by far the largest table");
    let known = read_with(&bytes, &knowing(&["id", "email"]));
    assert_eq!(known.why("sheet"), "People high: its header has 2 known names, the most of all");
}

#[test]
fn sheets_by_name_by_number_and_all() {
    let bytes = book(three_sheets);
    for word in ["People", "people", "2"] {
        assert_eq!(read_with(&bytes, &words([("sheet", word)])).cells()[0], ["1", "a@b.org"], "{word}");
    }
    assert_eq!(read_with(&bytes, &words([("sheet", "Old")])).cells()[0], ["7", "x@y.org"]);
    let all = read_all(&bytes, &words([("sheet", "all")]));
    let names: Vec<&str> = all.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["book.xlsx!Read me", "book.xlsx!People"]);
    let (code, message) = refused(&bytes, &words([("sheet", "Nobody")]));
    assert_eq!(
        (code, message.as_str()),
        ("XLSX_SHEET_UNKNOWN", "the sheet \"Nobody\" of book.xlsx is not there")
    );
    assert_eq!(refused(&bytes, &words([("sheet", "9")])).0, "XLSX_SHEET_UNKNOWN");
    assert_eq!(refused(&bytes, &words([("sheet", "Empty")])).0, "XLSX_EMPTY");
}

#[test]
fn sheets_that_look_alike_are_told() {
    let bytes = book(|workbook| {
        for year in ["2022", "2023", "2024"] {
            let sheet = workbook.add_worksheet().set_name(year).unwrap();
            write_table(sheet, &[&["id", "email"], &["1", "a@b.org"]]);
        }
    });
    let sheet = read(&bytes);
    assert_eq!(sheet.why("sheet"), "2022 medium: the first of several that look alike: also 2023, 2024");
    assert_eq!(read_with(&bytes, &words([("sheet", "2024")])).why("sheet"), "2024 given: it was asked for");
}

#[test]
fn sheets_of_one_workbook_are_read_side_by_side() {
    let bytes = book(|workbook| {
        for name in ["A", "B"] {
            let sheet = workbook.add_worksheet().set_name(name).unwrap();
            sheet.write_string(0, 0, "name").unwrap();
            for row in 1..=3000 {
                sheet.write_string(row, 0, format!("{name} {row}")).unwrap();
            }
        }
    });
    let request = Request { batch_rows: 100, ..words([("sheet", "all")]) };
    let mut sources = super::xlsx_support::open(&bytes, &request).unwrap();
    let mut rows = [0, 0];
    loop {
        let mut more = false;
        for (source, rows) in sources.iter_mut().zip(&mut rows) {
            if let Some(batch) = source.next_batch().unwrap() {
                *rows += batch.records.num_rows();
                more = true;
            }
        }
        if !more {
            break;
        }
    }
    assert_eq!(rows, [3000, 3000]);
    // Dropped in the middle: nothing waits for ever.
    let mut sources = super::xlsx_support::open(&bytes, &request).unwrap();
    assert!(sources[0].next_batch().unwrap().is_some());
    drop(sources);
}

#[test]
fn wrong_options() {
    let bytes = table(&[&["id"], &["1"]]);
    for (word, value) in
        [("header", "maybe"), ("skip_lines", "-1"), ("sheet", ""), ("max_unpacked_bytes", "x")]
    {
        assert_eq!(refused(&bytes, &words([(word, value)])).0, "SOURCE_OPTIONS", "{word}");
    }
}
