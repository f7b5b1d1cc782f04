//! Rows back out in a file's own dialect.

use importer_connectors::csv::CsvWriter;
use proptest::prelude::*;

use crate::support::{read, read_with};

const CELLS: [[Option<&str>; 2]; 4] = [
    [Some("José"), Some("a;b,c|d")],
    [Some("say \"hi\""), None],
    [Some("line\nbreak"), Some(" x")],
    [None, Some("C:\\dir\\")],
];

#[test]
fn every_dialect_reads_back() {
    let utf16: Vec<u8> = "\u{FEFF}a;b\r\n1;2\r\n3;4\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let samples: [&[u8]; 7] = [
        b"a,b\n1,2\n",
        b"\xEF\xBB\xBFa;b\r\n1;2\r\n",
        b"a|b\n1|\"x \\\"y\\\" | z\"\n2|\"q\\\"\"\n",
        b"'a','b'\n'1','2'\n'3','4'\n",
        b"a\tb\r1\t2\r3\t4\r",
        b"a,b\n1,Jos\xE9\n",
        &utf16,
    ];
    for sample in samples {
        let dialect = read(sample).dialect;
        let mut writer = CsvWriter::new(Vec::new(), &dialect);
        writer.write_record([Some("a"), Some("b")]).expect("memory");
        for row in CELLS {
            writer.write_record(row).expect("memory");
        }
        assert_eq!(writer.replaced(), 0);
        let bytes = writer.finish().expect("memory");
        let given = crate::support::options(|o| {
            o.escape = Some(dialect.escape);
            o.quote = Some(importer_connectors::csv::QuoteOption::Char(dialect.quote.unwrap_or(b'"')));
            o.delimiter = importer_connectors::csv::Delimiter::new(dialect.delimiter).ok();
        });
        let back = read_with(&bytes, &given);
        assert_eq!((back.dialect.encoding, back.dialect.bom), (dialect.encoding, dialect.bom));
        let expected: Vec<Vec<_>> =
            CELLS.iter().map(|r| r.iter().map(|c| c.map(str::to_owned)).collect()).collect();
        assert_eq!(back.rows, expected, "{}", dialect.evidence);
    }
}

#[test]
fn rejects_come_back_raw() {
    let data = b"id,name\n1,Ann\n2,\"Jos\xE9\" x,y\n3,M\xFCller\n";
    let whole = read(data);
    assert_eq!(whole.counts.rejected, 1);
    let mut writer = CsvWriter::new(Vec::new(), &whole.dialect);
    writer.write_record(whole.headers.original.iter().map(|h| Some(h.as_str()))).expect("memory");
    for reject in &whole.rejects {
        writer.write_raw(&reject.raw).expect("memory");
    }
    assert_eq!(writer.finish().expect("memory"), b"id,name\n2,\"Jos\xE9\" x,y\n");
}

#[test]
fn characters_that_the_encoding_lacks() {
    let dialect = read(b"id,name\n1,Jos\xE9\n").dialect;
    let mut writer = CsvWriter::new(Vec::new(), &dialect);
    writer.write_record([Some("日本"), Some("é")]).expect("memory");
    assert_eq!(writer.replaced(), 2);
    assert_eq!(writer.finish().expect("memory"), b"??,\xE9\n");
}

proptest! {
    #[test]
    fn any_cells_read_back(rows in proptest::collection::vec(proptest::collection::vec("[ -~éß\n\r\t]{0,12}", 3), 1..20)) {
        let dialect = read("a;b;c\n1;2;3\n").dialect;
        let mut writer = CsvWriter::new(Vec::new(), &dialect);
        writer.write_record([Some("a"), Some("b"), Some("c")]).expect("memory");
        // A row of words below the header: what comes after it is not taken for units (`K` above numbers).
        let ordinary = vec!["Ann".to_owned(), "Lee".to_owned(), "Bonn".to_owned()];
        let rows: Vec<Vec<String>> = std::iter::once(ordinary).chain(rows).collect();
        for row in &rows {
            writer.write_record(row.iter().map(|c| Some(c.as_str()))).expect("memory");
        }
        let bytes = writer.finish().expect("memory");
        let given = crate::support::options(|o| {
            o.delimiter = importer_connectors::csv::Delimiter::new(b';').ok();
            o.quote = Some(importer_connectors::csv::QuoteOption::Char(b'"'));
            o.escape = Some(importer_connectors::csv::Escape::Doubled);
            o.line_ending = Some(importer_connectors::csv::LineEnding::Lf);
            o.skip_lines = Some(0);
        });
        let back = read_with(&bytes, &given);
        let expected: Vec<Vec<Option<String>>> = rows
            .into_iter()
            // Rows of blank cells are blank lines.
            .filter(|r| r.iter().any(|c| !c.is_empty()))
            .map(|r| r.into_iter().map(|c| (!c.is_empty()).then_some(c)).collect())
            .collect();
        prop_assert_eq!(back.rows, expected);
    }
}
