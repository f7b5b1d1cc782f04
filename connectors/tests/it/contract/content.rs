//! What is in a table: rows and cells arrive as they are, or it is told.

use importer_connectors::connector::{ANY, Input};

use super::kind::{Kind, Names};
use super::table::{Cell, Meant};
use crate::tables::{drain, open_all};

/// Every cell arrives.
fn arrives(kind: &Kind, meant: &Meant) {
    let table = kind.read(meant);
    let rows = (kind.rows)(&table, meant);
    for (i, (found, wanted)) in rows.iter().zip(meant.texts()).enumerate() {
        assert_eq!(*found, wanted, "row {}", i + 1);
    }
    assert_eq!(rows.len(), meant.rows.len());
}

pub fn empty(kind: &Kind) {
    let meant = Meant::people(1);
    for bytes in [Vec::new(), zstd::encode_all(&b""[..], 1).expect("memory")] {
        let Err(error) = kind.open(Input::bytes("people.bin", bytes.clone()), &meant, 10, &[]) else {
            panic!("it was opened");
        };
        assert!(error.to_string().contains("people.bin"), "{error}");
        assert!(error.to_string().contains("empty"), "{error}");
        assert!(error.help().len() > 10 && !error.code().is_empty());
        assert!(open_all(ANY, Input::bytes("people.bin", bytes), &[], 10).is_err());
    }
}

pub fn header_only(kind: &Kind) {
    let meant = Meant::people(0);
    let table = kind.read(&meant);
    assert!(table.counts.is_header_only());
    assert_eq!((table.records.num_rows(), table.counts.records), (0, 0));
    if kind.names == Names::File {
        assert_eq!(table.headers.unique, meant.header);
    }
}

pub fn one_row(kind: &Kind) {
    let meant = Meant::people(1);
    arrives(kind, &meant);
    let table = kind.read(&meant);
    assert_eq!((table.lines.len(), table.counts.records), (1, 1));
    assert_eq!(table.description.connector, kind.shown);
}

pub fn wide(kind: &Kind) {
    let names: Vec<String> = (0..2000).map(|n| format!("c{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let row = |i: usize| (0..2000).map(|n| format!("v{i}-{n}").into()).collect();
    arrives(kind, &Meant::new(&names, (0..3).map(row).collect()));
}

/// It arrives as a whole, or the record that has it is told; its neighbours are read.
pub fn huge_cell(kind: &Kind) {
    let huge = "é".repeat(1 << 19);
    let row = |id: &str, text: &str| vec![id.into(), text.into(), "last".into()];
    let rows = vec![row("1", "small"), row("2", &huge), row("3", "small")];
    let meant = Meant::new(&["id", "name", "note"], rows);
    let table = kind.try_read(&meant, 8192).expect("it is opened");
    assert!(table.stopped.is_none(), "{:?}", table.stopped);
    let rows = (kind.rows)(&table, &meant);
    if rows.len() == 3 {
        assert_eq!(rows, meant.texts());
    } else {
        assert_eq!((rows.len(), table.rejects.len()), (2, 1), "{:?}", table.rejects);
        assert!(table.rejects[0].hint.len() > 10);
    }
}

/// Astral characters, marks that combine and are not composed, text from right to left, marks of direction.
pub fn unicode(kind: &Kind) {
    let texts = [
        "😀👩\u{200D}👩\u{200D}👧",
        "e\u{301}te\u{301}",
        "été",
        "שלום",
        "العربية ١٢٣",
        "\u{202B}abc\u{202C}",
        "日本語 ﬁ Ⅷ",
        "𝒳𐍈",
        "İi ß ſ",
        "a\u{200B}b\u{FEFF}c",
        "x\u{FFFD}y",
    ];
    let row = |(i, text): (usize, &&str)| vec![format!("{i:03}").into(), (*text).into(), "Rome".into()];
    arrives(kind, &Meant::new(&["id", "name", "city"], texts.iter().enumerate().map(row).collect()));
}

/// Both are NULL; words that mean nothing to a person are text.
pub fn nulls(kind: &Kind) {
    let row = |id: &str, name: Cell, city: Cell| vec![id.into(), name, city];
    let rows = vec![
        row("1", Cell::Null, "Rome".into()),
        row("2", "".into(), "Oslo".into()),
        row("3", "NULL".into(), "null".into()),
        row("4", "NA".into(), "N/A".into()),
        row("5", "Ann".into(), Cell::Null),
        row("6", "Bob".into(), "".into()),
        row("7", "nan".into(), "-".into()),
        row("8", Cell::Null, "".into()),
    ];
    arrives(kind, &Meant::new(&["id", "name", "city"], rows));
}

pub fn digits(kind: &Kind) {
    let texts = [
        "007",
        "00000000000000000001",
        "12345678901234567890123456789",
        "9007199254740993",
        "1e5",
        "1E400",
        "1.10",
        "0.10",
        "-0",
        "+4930123456",
        "0x1F",
        "1_000",
        "TRUE",
        "2024-01-31",
        "31.01.2024",
        "1/2",
        "00:00",
        "=1+1",
        "@x",
    ];
    let row = |(i, text): (usize, &&str)| vec![format!("A{i}").into(), (*text).into(), "Rome".into()];
    arrives(kind, &Meant::new(&["id", "number", "city"], texts.iter().enumerate().map(row).collect()));
}

pub fn types(kind: &Kind) {
    let row = |id: &str, cells: [Cell; 5]| -> Vec<Cell> { std::iter::once(id.into()).chain(cells).collect() };
    let rows = vec![
        row(
            "A1",
            [
                Cell::Integer(42),
                Cell::Number(1.5),
                Cell::Truth(true),
                Cell::Date(19_753),
                Cell::Time(1_706_697_000),
            ],
        ),
        row(
            "A2",
            [
                Cell::Integer(-9_007_199_254_740_991),
                Cell::Number(-0.25),
                Cell::Truth(false),
                Cell::Date(19_782),
                Cell::Time(951_826_210),
            ],
        ),
        row("A3", [Cell::Null, Cell::Null, Cell::Null, Cell::Null, Cell::Null]),
        row(
            "A4",
            [
                Cell::Integer(123_456_789_012),
                Cell::Number(1234.5678),
                Cell::Truth(true),
                Cell::Date(0),
                Cell::Time(1_735_689_599),
            ],
        ),
    ];
    let meant = Meant::new(&["id", "count", "share", "active", "born", "seen"], rows);
    assert_eq!(meant.texts()[0], ["A1", "42", "1.5", "true", "2024-01-31", "2024-01-31T10:30:00"]);
    arrives(kind, &meant);
    // The same table twice gives the same schema, whatever is in its first batch.
    let mut one = kind.source(&meant, 1).expect("it is opened");
    assert_eq!(one.schema(), kind.read(&meant).records.schema());
    drain(one.as_mut(), 1);
}
