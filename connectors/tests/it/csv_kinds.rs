//! Kinds of files that other people's collections showed, each with inputs of its own.

use importer_connectors::connector::KnownNames;
use importer_connectors::csv::{CsvCode, Delimiter};
use importer_connectors::source::Confidence;

use crate::support::{Whole, options, read, read_with};

fn same_header(f: &Whole) -> Option<Confidence> {
    f.dialect.evidence.why("header").map(|e| e.confidence)
}

/// As if a contract knew these names.
fn knowing(names: &'static [&'static str]) -> importer_connectors::csv::CsvOptions {
    options(|o| {
        o.names = Some(KnownNames::new(|cell| {
            let name = cell.to_lowercase().replace(['_', '-'], " ");
            names.iter().position(|known| *known == name)
        }));
    })
}

#[test]
fn rows_of_numbers_of_unequal_length() {
    let f = read("12,5;3;7,25\n8;14,75\n1;2;3;4,5\n");
    assert_eq!(f.dialect.delimiter, b';', "{}", f.dialect.evidence);
    assert_eq!(f.cells(), [["12,5", "3", "7,25", "~"], ["8", "14,75", "~", "~"], ["1", "2", "3", "4,5"]]);
    assert!(!f.dialect.header);
}

#[test]
fn delimiters_of_two_characters() {
    let f = read("name, city, \"note, long\"\nAnn, Rome, \"x, y\"\nBob, Oslo, z\n");
    assert!(f.dialect.blank_after_delimiter, "{}", f.dialect.evidence);
    assert_eq!(f.names(), ["name", "city", "note, long"]);
    assert_eq!(f.cells(), [["Ann", "Rome", "x, y"], ["Bob", "Oslo", "z"]]);
    let f = read("id||name||city\n1||Ann||Rome\n2||Bob|Lee||Oslo\n3||\"a||b\"||\n");
    assert!(!f.dialect.doubled_delimiter, "one row is odd: {}", f.dialect.evidence);
    let f = read("id||name||city\n1||Ann||Rome\n2||Bob||Oslo\n3||\"a||b\"||\n");
    assert_eq!(f.names(), ["id", "name", "city"]);
    assert_eq!(f.cells(), [["1", "Ann", "Rome"], ["2", "Bob", "Oslo"], ["3", "a||b", "~"]]);
    // Said, a row that does not go with it is refused.
    let doubled = options(|o| o.delimiter = "||".parse().ok());
    let f = read_with("id||name||city\n1||Ann||Rome\n2||Bob|Lee||Oslo\n", &doubled);
    assert_eq!(f.cells(), [["1", "Ann", "Rome"]]);
    assert_eq!(f.rejected(), [(3, CsvCode::TooManyFields)]);
    let blank = options(|o| o.delimiter = ", ".parse().ok());
    assert_eq!(read_with("a, b\n1, 2\n3,4\n", &blank).cells(), [["1", "2"], ["3", "4"]]);
    for wrong in ["~|~", "ab", ",;", "  ,", ""] {
        assert!(wrong.parse::<Delimiter>().is_err(), "{wrong:?}");
    }
}

#[test]
fn blanks_and_rare_delimiters() {
    let f = read("t x y\n0.1 3 4\n0.2 5 6\n");
    assert_eq!(f.dialect.delimiter, b' ', "{}", f.dialect.evidence);
    assert_eq!(f.cells(), [["0.1", "3", "4"], ["0.2", "5", "6"]]);
    let f = read("time   temp    hum\n  1.0   20.5   60\n 10.0    7.5    8\n");
    assert!(f.dialect.runs_of_delimiters, "{}", f.dialect.evidence);
    assert_eq!(f.names(), ["time", "temp", "hum"]);
    assert_eq!(f.cells(), [["1.0", "20.5", "60"], ["10.0", "7.5", "8"]]);
    let f = read("id#name#city\n1#Ann#Rome\n2#Bob#Oslo\n");
    assert_eq!(f.dialect.delimiter, b'#', "{}", f.dialect.evidence);
    // Names of people are no table of two columns.
    let f = read("Full name\nAda Amt\nBob Beil\n");
    assert_eq!(f.names(), ["Full name"]);
    assert_eq!(f.cells()[0], ["Ada Amt"]);
    let f = read("id\u{1}name\n1\u{1}Ann\n2\u{1}Bob\n");
    assert_eq!(f.cells()[0], ["1", "Ann"]);
}

#[test]
fn single_quotes_throughout() {
    let f = read("id,name,note\n1,'Lee, Ann','it won't rain'\n2,'Roe, Bob','x, y'\n3,'Coe, Cy','z'\n");
    assert_eq!(f.dialect.quote, Some(b'\''), "{}", f.dialect.evidence);
    assert_eq!(f.cells()[0], ["1", "Lee, Ann", "it won't rain"]);
}

#[test]
fn one_column_needs_no_delimiter() {
    for data in ["code\nA-1\nB-2\n", "email\na@x.org\nb@x.org\n", "note\nx\n"] {
        let f = read(data);
        assert_eq!(f.names().len(), 1);
        let delimiter = f.dialect.evidence.why("delimiter").expect("evidence");
        assert_eq!((delimiter.value.as_str(), delimiter.confidence), ("none", Confidence::Assumed));
        assert!(f.notes.is_empty(), "{:?}", f.notes);
    }
}

#[test]
fn headers_of_two_lines() {
    // Names of groups above.
    let f = read("Person,,Measures,\nname,city,height,weight\nAnn,Rome,180,70\nBob,Oslo,190,80\n");
    assert_eq!(f.names(), ["name", "city", "height", "weight"], "{}", f.dialect.evidence);
    assert_eq!(f.counts.records, 2);
    // Units, types and explanations below.
    for below in [",,cm,kg", "(text),(text),(number),(number)", "[required],,[cm],[kg]"] {
        let rows = "Ann,Rome,180,70\nBob,Oslo,190,80\nCid,Ulm,175,65\nDot,Bonn,182,71\n";
        let f = read(format!("name,city,height,weight\n{below}\n{rows}"));
        assert_eq!(f.counts.records, 4, "{below}");
        assert_eq!(f.counts.passed, 1);
        assert_eq!(f.noted(), [(2, CsvCode::LinesPassed)]);
    }
    // Technical names below.
    let f = read("First name,Last name,E-mail\nfirst_name,last_name,e_mail\nAnn,Lee,a@x.org\n");
    assert_eq!(f.cells(), [["Ann", "Lee", "a@x.org"]]);
    assert_eq!(f.noted(), [(2, CsvCode::HeaderRepeated)]);
    // A record is none of these.
    let f = read("name,height,weight\nAnn,unknown,unknown\nBob,190,80\nCid,175,65\nDot,182,71\n");
    assert_eq!(f.counts.records, 4);
    let f = read("name,city\nunknown,unknown\nAnn,Rome\n");
    assert_eq!(f.counts.records, 2);
    // Nothing stands below its only cell: what it measures is not to be seen.
    let f = read("a;b;c\nK;;\n;;0\n");
    assert_eq!(f.counts.records, 2);
}

#[test]
fn known_names_find_the_header() {
    let o = knowing(&["first name", "last name", "email", "city"]);
    let f = read_with(
        "Person,,Contact,\nFirst name,Last name,Email,City\nAda,Amt,a@x.org,Bonn\nBob,Beil,,Kiel\n",
        &o,
    );
    assert_eq!(f.names(), ["First name", "Last name", "Email", "City"]);
    let f = read_with("Angaben,zur,Person,hier\nfirst_name,last_name,email,city\nAda,Amt,a@x.org,Bonn\n", &o);
    assert_eq!(f.names(), ["first_name", "last_name", "email", "city"]);
    assert_eq!(f.noted(), [(1, CsvCode::LinesPassed)]);
    // Data above the names is never passed over.
    let f = read_with("Ada,Amt,a@x.org,Bonn\nFirst name,Last name,Email,City\nBob,Beil,b@x.org,Kiel\n", &o);
    assert_eq!(f.counts.records + f.counts.rejected, 3, "{:?}", f.notes);
    // Two names in a wide record do not make it a header.
    let f = read_with("Vorname,Nachname,Art,Weg,Zeit\nAda,Amt,Email,City,x\nBob,Beil,Email,Post,y\n", &o);
    assert_eq!(f.counts.records, 2, "{:?}", f.names());
}

#[test]
fn no_header() {
    for data in [
        "28/01/24,7,x\n29/01/24,8,y\n",
        "Ada,Amt,ada@x.org,202-555-0171\nBob,Beil,bob@x.org,202-555-0172\n",
        "ada@x.org\nbob@x.org\n",
        "1;10,5;a\n2;11,5;b\n",
        "ada@x.org,1\n",
        ",,\n1,A,x\n",
    ] {
        let f = read(data);
        assert!(!f.dialect.header, "{data}{}", f.dialect.evidence);
        let lines = data.lines().filter(|l| *l != ",,").count();
        assert_eq!(f.counts.records, lines as u64, "{data}");
        assert_eq!((f.names()[0], f.headers.original[0].as_str()), ("column_1", "column_1"));
        assert!(f.notes.iter().any(|n| n.code == CsvCode::NoHeader));
    }
    for data in [
        "region,2023,2024\nNorth,1,2\nSouth,3,4\n",
        "name,1,2,3\nAnn,4,5,6\nBob,7,8,9\n",
        "id,name\n1,Ann\n2,Bob\n",
        "name,amount\nAnn,5\n",
        "date,2024-01-01\nx,5\ny,6\n",
        "year,2023,2024\n1,2020,2021\n2,2022,2020\n",
    ] {
        assert!(read(data).dialect.header, "{data}");
    }
    let given = options(|o| o.header = Some(true));
    let f = read_with("1,Ann\n2,Bob\n", &given);
    assert_eq!(f.names(), ["1", "Ann"]);
    assert_eq!(same_header(&f), Some(Confidence::Given));
}

#[test]
fn damaged_headers_are_read_as_far_as_they_can_be() {
    for (data, names) in [
        ("id,\"name\" ,city\n1,Ann,Rome\n2,Bob,Oslo\n", vec!["id", "name", "city"]),
        ("\"Blue\" train,year\nx,1940\ny,1950\n", vec!["\"Blue\" train", "year"]),
        ("id,\"name,city\n1,Ann,Rome\n2,Bob,Oslo\n", vec!["id", "name", "city"]),
        ("\"id,name,city\n1,Ann,Rome\n2,Bob,Oslo\n", vec!["id", "name", "city"]),
        ("id,na\0me,city\n1,Ann,Rome\n2,Bob,Oslo\n", vec!["id", "name", "city"]),
        ("\"id,name,city\n1,\"Ann\",Rome\n2,Bob,Oslo\n3,\"Cid\",Ulm\n", vec!["id", "name", "city"]),
    ] {
        let f = read(data);
        assert_eq!(f.names(), names, "{data}{}", f.dialect.evidence);
        assert_eq!(f.counts.records, data.lines().count() as u64 - 1, "{data}");
        assert!(f.noted().contains(&(1, CsvCode::HeaderRepaired)), "{data}");
    }
    let f = read(b"id,K\xC3\xB6ln,n\xFFme\n1,M\xC3\xBCller,x\n2,J\xC3\xB6rg,y\n");
    assert_eq!(f.names(), ["id", "K\u{F6}ln", "n\u{FFFD}me"]);
    assert_eq!(f.counts.records, 2);
}

#[test]
fn row_names_without_a_header() {
    let f = read("\"a\";\"b\"\n\"1\";\"10\";\"20\"\n\"2\";\"30\";\"40\"\n");
    assert_eq!(f.dialect.delimiter, b';', "{}", f.dialect.evidence);
    assert_eq!(f.names(), ["column_1", "a", "b"]);
    assert_eq!(f.cells(), [["1", "10", "20"], ["2", "30", "40"]]);
    let f = read("a;b\nx;10;20\ny;30;40\n");
    assert_eq!(f.names(), ["column_1", "a", "b"]);
    let f = read("\"x\";\"x\"\n\"Org\";\"0\";\"1\"\n\"Max\";\"1\";\"1\"\n");
    assert_eq!(f.cells(), [["Org", "0", "1"], ["Max", "1", "1"]], "{}", f.dialect.evidence);
    assert_eq!(f.noted(), [(1, CsvCode::WidthSettled)]);
}

#[test]
fn records_that_are_short_throughout() {
    let f = read("a,b,c\n1,2\n3,4\n");
    assert_eq!(f.cells(), [["1", "2", "~"], ["3", "4", "~"]]);
    assert_eq!(f.noted(), [(1, CsvCode::WidthSettled)]);
    // Empty cells at the end were cut off.
    let f = read(
        "name,email,phone,city\nAnn,a@x.org\nBob,b@x.org,1,Rome\nCid\nDot,d@x.org,2\nEve,e@x.org,3,Ulm\n",
    );
    assert_eq!(f.counts.records, 5, "{:?}", f.rejected());
    assert_eq!(f.counts.padded, 3);
    assert!(f.findings.is_empty());
    // A single short row is damage.
    let f = read("a,b,c\n1,2,3\n4,5,6\n7,8\n1,2,3\n4,5,6\n");
    assert_eq!(f.rejected(), [(4, CsvCode::TooFewFields)]);
    // Rows that were torn in two are none that were cut off.
    let f = read("a,b,c,d\n1,2,3\nx,4\n5,6,7\ny,8\n9,1,2\nz,3\n");
    assert_eq!(f.counts.records, 0);
    assert_eq!(f.counts.rejected, 6);
    let reject = options(|o| o.ragged = Some(importer_connectors::csv::Ragged::Reject));
    assert_eq!(read_with("a,b,c\n1,2\n3,4\n", &reject).counts.rejected, 2);
}

#[test]
fn empty_cells_too_many_are_no_reason() {
    let f = read("a,b,c\n1,2,3\n4,5,6,\n7,8,9,,\n1,2,3,x\n");
    assert_eq!(f.cells(), [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]]);
    assert_eq!(f.rejected(), [(5, CsvCode::TooManyFields)]);
    assert_eq!(f.noted(), [(3, CsvCode::WidthSettled)]);
    assert_eq!(f.notes[0].count, 2);
    let f = read("First,Last,Email,\nAda,Amt,a@x.org\nBob,Beil,b@x.org\n");
    assert_eq!((f.names().len(), f.counts.records), (3, 2));
}

#[test]
fn a_table_is_no_title() {
    let f = read("a,b\n1,2\n3,4\n\nx,y,z\n5,6,7\n8,9,0\n");
    assert_eq!(f.names(), ["a", "b"], "{}", f.dialect.evidence);
    assert_eq!(f.cells(), [["1", "2"], ["3", "4"]]);
    assert_eq!(f.rejected(), [5, 6, 7].map(|line| (line, CsvCode::OtherTable)));
    assert_eq!(f.noted(), [(5, CsvCode::SecondTable)]);
    let f = read("name,amount\nAnn,5\nBob,6\n\nsum\n11\n");
    assert_eq!(f.counts.records, 2);
    // Titles with several cells are told.
    let f = read("Exported by;Ann\nDate;2024-01-01\n\nid;name;hours\n1;Ann;3\n2;Bob;4\n3;Cid;5\n");
    assert_eq!(f.names(), ["id", "name", "hours"]);
    assert_eq!(f.noted(), [(1, CsvCode::LinesPassed)]);
}

#[test]
fn a_second_table_of_the_same_width() {
    for (data, line) in [
        ("id,name\n1,Ann\n2,Bob\ncity,people\nRome,3\nOslo,4\n", 4),
        ("id,name\n1,Ann\n2,Bob\n\ncity,people\nRome,3\n", 5),
        ("name,hours,since\nAnn,5,2020-01-02\nBob,6,2021-01-02\n\nitem,price,weight\ncup,3,7\nbowl,4,8\n", 5),
        (
            "name,hours,since\nAnn,5,2020-01-02\nBob,6,2021-01-02\nitem,price,colour\ncup,3,red\nbowl,4,blue\n",
            4,
        ),
    ] {
        let f = read(data);
        assert_eq!(f.counts.records, 2, "{data}");
        assert_eq!(f.noted(), [(line, CsvCode::SecondTable)], "{data}");
    }
    // What is no more than a record with words in it, or a line above a group, begins nothing.
    for data in [
        "name,hours\nAnn,5\nBob,6\nCid,unknown\nDee,7\nEva,8\n",
        "name,hours\nAnn,5\nBob,6\n\nTeam,Nord\nCid,7\nDee,8\n",
        "name,city\nAnn,Rome\nBob,Oslo\n\nCid,Ulm\nDee,Bonn\nEva,Kiel\n",
        "name,city\nAnn,Rome\nBob,Oslo\nitem,colour\ncup,red\nbowl,blue\n",
        "name,hours,since\nAnn,5,2020-01-02\nBob,6,2021-01-02\nCid,unknown,lately\nDee,7,2022-01-02\nEva,8,2023-01-02\n",
        "id,name,email\n1,Ann,a@x.org\n2,Bob,b@x.org\nlast,Cid,none so far\n3,Dee,d@x.org\n4,Eva,e@x.org\n",
    ] {
        let f = read(data);
        assert_eq!(f.counts.rejected, 0, "{data}");
        assert!(f.noted().iter().all(|(_, code)| *code != CsvCode::SecondTable), "{data}");
    }
}

#[test]
fn titles_that_are_wider_than_the_table() {
    let f = read("Set, by Ann, Feb 11\ncm,T\n4000,98\n3999,97\n");
    assert_eq!(f.names(), ["cm", "T"], "{}", f.dialect.evidence);
    assert_eq!(f.counts.records, 2);
    let f = read("Summary,\n,\nname,amount\nA,1\n");
    assert_eq!(f.names(), ["name", "amount"], "{}", f.dialect.evidence);
    let f = read("# a\n# b\n# c, d\n# e\nname,amount\nA,1\nB,2\n");
    assert_eq!(f.names(), ["name", "amount"]);
    let f = read("name,amount\nA,1\n# half time\nB,2\n# done, all of it\nC,3\n");
    assert_eq!(f.cells(), [["A", "1"], ["B", "2"], ["C", "3"]]);
    assert_eq!(f.counts.passed, 2);
    assert_eq!(f.noted(), [(3, CsvCode::LinesPassed)]);
}

#[test]
fn delimiters_inside_cells() {
    let f = read("id,list\n1,a|b|c|d\n2,e|f|g|h\n");
    assert_eq!(f.names(), ["id", "list"], "{}", f.dialect.evidence);
    let f = read("col1,col2\n1;2;3,4;5;6\n7;8,9\n");
    assert_eq!(f.names(), ["col1", "col2"], "{}", f.dialect.evidence);
    assert_eq!(f.cells()[0], ["1;2;3", "4;5;6"]);
    let f = read("HH:mm:ss\n15:02:37\n16:03:38\n");
    assert_eq!(f.names(), ["HH:mm:ss"], "{}", f.dialect.evidence);
}

#[test]
fn quotes_that_can_only_mean_one_thing() {
    let rows = [
        ("2,\"Bob, B\" ,Kiel", ["2", "Bob, B", "Kiel"]),
        ("2, \"Bob, B\",Kiel", ["2", "Bob, B", "Kiel"]),
        ("1,\"Blue\" train,1940", ["1", "\"Blue\" train", "1940"]),
        ("1,\"48\"\",\"round, big\"", ["1", "48\"", "round, big"]),
    ];
    for (row, cells) in rows {
        let f = read(format!("id,name,city\n1,Ann,Rome\n{row}\n3,\"Cid\",Ulm\n"));
        assert_eq!(f.cells()[1], cells, "{row}");
        assert_eq!(f.counts.records, 3);
        assert_eq!((f.findings[0].line_number, f.findings[0].code), (3, CsvCode::QuoteRepaired.into()));
    }
    let f = read("id,size\n1,\"5\"\"\"\n");
    assert_eq!(f.cells(), [["1", "5\""]]);
    assert!(f.findings.is_empty());
}

#[test]
fn header_lines_that_come_again() {
    let head = "First name,Last name,Email,City";
    let f = read(format!(
        "{head}\nAda,Amt,a@x.org,Bonn\n\u{FEFF}{head}\nBob,Beil,b@x.org,Kiel\n\"First name\",\"Last name\",Email,City\nCid,Coe,c@x.org,Ulm\n"
    ));
    assert_eq!(f.counts.records, 3);
    assert_eq!(f.counts.passed, 2);
    assert_eq!(f.noted(), [(3, CsvCode::HeaderRepeated)]);
    assert_eq!(f.notes[0].count, 2);
    // In another order what is below is read by it.
    let f = read(format!(
        "{head}\nAda,Amt,a@x.org,Bonn\nEmail,City,First name,Last name\nb@x.org,Kiel,Bob,Beil\n{head}\nCid,Coe,c@x.org,Ulm\n"
    ));
    assert_eq!(
        f.cells(),
        [
            ["Ada", "Amt", "a@x.org", "Bonn"],
            ["Bob", "Beil", "b@x.org", "Kiel"],
            ["Cid", "Coe", "c@x.org", "Ulm"]
        ]
    );
    // With other names the rest is another table.
    let f = read(format!("{head}\nAda,Amt,a@x.org,Bonn\nFirst name,Last name,Phone,City\nBob,Beil,1,Kiel\n"));
    assert_eq!(f.counts.records, 1);
    assert_eq!(f.rejected(), [(3, CsvCode::OtherTable), (4, CsvCode::OtherTable)]);
    assert_eq!(f.noted(), [(3, CsvCode::SecondTable)]);
    // Behind the sample as well.
    let mut data = format!("{head}\n");
    for i in 0..60_000 {
        data.push_str(&format!("Ada{i},Amt,a{i}@x.org,Bonn\n"));
    }
    data.push_str(&format!("{head}\nBob,Beil,b@x.org,Kiel\n"));
    let f = read(&data);
    assert_eq!((f.counts.records, f.counts.passed), (60_001, 1));
    // A person may be called City.
    let f = read(format!("{head}\nCity,Email,c@x.org,City\n"));
    assert_eq!(f.counts.records, 1);
}

#[test]
fn cells_that_have_moved() {
    let f = read(
        "First name,Last name,Email,Street,City,Zip,Country\n\
         Ada,Amt,a@x.org,12 Elm Street, Apt 4,Springfield,62704\n\
         Bob,Beil,b@x.org,3 Oak Road,Springfield,62704,US\n\
         Cay,Cohn,c@x.org,5 Ash Lane,Springfield,62704,US\n",
    );
    assert_eq!(f.counts.records, 3);
    let moved = |f: &Whole| -> Vec<(i64, usize)> {
        f.findings
            .iter()
            .filter(|x| x.code == CsvCode::CellsShifted)
            .map(|x| (x.line_number, x.column))
            .collect()
    };
    assert_eq!(moved(&f), [(2, 5)]);
    // Far behind the sample, without a blank.
    let mut data = "name,street,zip,country\n".to_owned();
    for i in 0..60_000 {
        data.push_str(&format!("Ann {i},{i} Oak Road,{:05},US\n", i % 99_999));
    }
    data.push_str("Bob,12 Elm Street,Apt 4,62704\nCid,1 Ash Lane,12345,US\nDot,2 Ash Lane,,US\n");
    let f = read(&data);
    assert_eq!(moved(&f), [(60_002, 2)]);
    // A column that holds both is no pattern; a missing value is no shift.
    let f = read("id,zip,note\n1,62704,x\n2,K1A 0B1,y\n3,,62704\n4,n/a,z\n5,12345,w\n");
    assert_eq!(moved(&f), []);
}

#[test]
fn typographic_quotes() {
    let f = read(
        "\u{201C}id\u{201D},\u{201C}name\u{201D}\n\u{201C}1\u{201D},\u{201C}Lee, Ann\u{201D}\n\u{201C}2\u{201D},\u{201E}Bob\u{201C}\n3,Cid\n",
    );
    assert_eq!(f.names(), ["id", "name"], "{}", f.dialect.evidence);
    assert_eq!(f.cells(), [["1", "Lee, Ann"], ["2", "Bob"], ["3", "Cid"]]);
    // Inside a cell they are text.
    let f = read("id,note\n1,the \u{201C}best\u{201D} one\n2,x\n");
    assert_eq!(f.cells()[0][1], "the \u{201C}best\u{201D} one");
}

#[test]
fn a_byte_order_mark_before_a_quoted_header() {
    let f = read("\u{FEFF}\"First\u{A0}name\",\"Last name\"\r\n\"Ada\",\"Amt\"\r\n");
    assert_eq!(f.names(), ["First\u{A0}name", "Last name"]);
    let f = read("\u{FEFF}sep=;\r\n\"Vorname\";\"Nachname\"\r\n\"Ada\";\"Amt\"\r\n");
    assert_eq!(f.cells(), [["Ada", "Amt"]]);
}

#[test]
fn an_unclosed_quote_costs_one_record_however_long_cells_may_be() {
    let mut data = "id,name,city\n1,\"Ann,Rome\n".to_owned();
    for i in 0..5_000 {
        data.push_str(&format!("{i},Bob,Oslo\n"));
    }
    data.push_str("x,\"Cid\",Ulm\n9,z\",Bonn\n");
    let f = read(&data);
    assert_eq!(f.rejected(), [(2, CsvCode::UnclosedQuote)]);
    assert_eq!(f.counts.records, 5_002);
}

#[test]
fn quotes_that_come_late_are_quotes() {
    let mut data = "name,email,city\n".to_owned();
    for i in 0..60_000 {
        data.push_str(&format!("Ann {i},a{i}@x.org,Rome\n"));
    }
    data.push_str("\"Lee, Bob\",b@x.org,\"Oslo\nNorth\"\nCid,c@x.org,Ulm\n");
    let f = read(&data);
    assert_eq!(f.counts.rejected, 0);
    let last: Vec<&str> = f.cells()[60_000].clone();
    assert_eq!(last, ["Lee, Bob", "b@x.org", "Oslo\nNorth"]);
}

proptest::proptest! {
    /// Lines with odd quotes, shaped like names, sizes and addresses: never a panic, never a record of another width,
    /// every line in one place, and neighbours stay whole.
    #[test]
    fn odd_quotes_never_cost_a_neighbour(
        cells in proptest::collection::vec("[ ]?\"{0,2}[A-Za-z0-9 .@+'-]{0,8}\"{0,2}[ ]?", 1..5),
    ) {
        let line = cells.join(",");
        let f = read(format!("id,name,city\n1,\"Ann\",Rome\n2,Bob,Oslo\n{line}\n3,\"Cid\",Ulm\n4,Dot,Bonn\n"));
        let kept: Vec<&str> = f.cells().iter().map(|row| row[1]).collect();
        for name in ["Ann", "Bob", "Dot"] {
            proptest::prop_assert!(kept.contains(&name), "{line}: {kept:?} {:?}", f.rejects);
        }
        proptest::prop_assert!(f.rows.iter().all(|row| row.len() == 3));
        proptest::prop_assert_eq!(f.counts.lines, 6);
    }

    /// Whatever stands in a list of people, no record passes for a header or a title.
    #[test]
    fn no_record_is_passed_over(
        rows in proptest::collection::vec(
            ("[A-Z][a-z]{1,7}", "[A-Z][a-z]{1,7}", "[a-z]{2,6}@x\\.org", "[0-9]{5}|", "Email|Phone|City|Rome|n/a|"),
            3..12,
        ),
    ) {
        let body: String =
            rows.iter().map(|(a, b, c, d, e)| format!("{a},{b},{c},{d},{e}\n")).collect();
        let f = read_with(format!("First name,Last name,Email,Zip,City\n{body}"), &knowing(&["first name", "last name", "email", "city", "phone"]));
        proptest::prop_assert_eq!(f.names()[0], "First name");
        proptest::prop_assert_eq!(f.counts.records, rows.len() as u64);
    }
}
