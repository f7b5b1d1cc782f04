//! The formats beside XLSX: ODS, XLS and XLSB, made record by record.

use std::io::{Cursor, Write};

use importer_connectors::connector::Request;

use super::xlsx_files::never_stops_badly;
use super::xlsx_support::{RELATIONS, read, refused, try_read};

pub const ODS: &str = "application/vnd.oasis.opendocument.spreadsheet";

pub fn ods(tables: &str) -> Vec<u8> {
    let content = format!(
        r#"<office:document-content><office:automatic-styles><style:style style:name="h"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"#
    );
    zip_stored(&[
        ("mimetype", ODS),
        ("META-INF/manifest.xml", "<manifest:manifest/>"),
        ("content.xml", &content),
    ])
}

/// The first part as it is, as an ODS wants it.
fn zip_stored(parts: &[(&str, &str)]) -> Vec<u8> {
    use ::zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        zip.start_file(*name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub const TABLE: &str = concat!(
    r#"<table:table table:name="T"><table:table-column/><table:table-column table:visibility="collapse"/>"#,
    r#"<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="1024"/></table:table-row>"#,
    r#"<table:table-row><table:table-cell office:value-type="string"><text:p>id</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>born</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>time</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>ok</text:p></table:table-cell></table:table-row>"#,
    r#"<table:table-row table:visibility="filter"><table:table-cell office:value-type="float" office:value="501"/><table:table-cell office:value-type="date" office:date-value="1987-06-05"/><table:table-cell office:value-type="time" office:time-value="PT10H30M00S"/><table:table-cell office:value-type="boolean" office:boolean-value="true"/></table:table-row>"#,
    r##"<table:table-row><table:table-cell table:formula="of:=1"/><table:table-cell office:value-type="string" calcext:value-type="error" office:string-value=""><text:p>#N/A</text:p></table:table-cell><table:table-cell office:value-type="percentage" office:value="0.25"/></table:table-row>"##,
    r#"</table:table>"#,
);

#[test]
fn an_ods() {
    let sheet = read(&ods(TABLE));
    assert_eq!(sheet.names(), ["id", "born", "time", "ok"]);
    assert_eq!(sheet.cells(), [["501", "1987-06-05", "10:30:00", "true"], ["~", "~", "0.25", "~"]]);
    assert_eq!((sheet.lines.clone(), sheet.counts.preamble_lines), (vec![4, 5], 2));
    assert_eq!(sheet.found(), [(5, 1, "XLSX_ERROR_CELL"), (5, 0, "XLSX_NO_CACHED_VALUE")]);
    assert_eq!(sheet.noted(), [(4, 1, "XLSX_HIDDEN_ROWS"), (1, 1, "XLSX_HIDDEN_COLUMNS")]);
    assert_eq!(sheet.why("format"), "ODS high: a ZIP that says it is an OpenDocument spreadsheet");
}

#[test]
fn ods_bombs_and_damage() {
    let cell = |repeats: &str| {
        format!(
            r#"<table:table table:name="T"><table:table-row table:number-rows-repeated="{repeats}"><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/></table:table-row></table:table>"#
        )
    };
    assert_eq!(refused(&ods(&cell("1048576")), &Request::default()).0, "XLSX_TOO_LARGE");
    assert_eq!(refused(&ods(&cell("99999999999")), &Request::default()).0, "XLSX_TOO_LARGE");
    let blanks = r#"<table:table table:name="T"><table:table-row><table:table-cell office:value-type="string"><text:p><text:s text:c="4000000000"/></text:p></table:table-cell></table:table-row></table:table>"#;
    assert_eq!(refused(&ods(blanks), &Request::default()).0, "XLSX_TOO_LARGE");
    for cut in [
        "<table:table table:name=\"T\"><table:table-row>",
        "<table:table></table:tab>",
        "<office:annotation>",
    ] {
        let bytes = zip_stored(&[("mimetype", ODS), ("META-INF/manifest.xml", "<m/>"), ("content.xml", cut)]);
        assert_eq!(refused(&bytes, &Request::default()).0, "XLSX_DAMAGED", "{cut}");
    }
    assert_eq!(refused(&zip_stored(&[("mimetype", ODS)]), &Request::default()).0, "XLSX_DAMAGED");
}

/// An XLS of one sheet: records before its list of sheets, and records of the sheet.
pub fn xls(globals: &[(u16, Vec<u8>)], cells: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let record = |(kind, data): &(u16, Vec<u8>)| {
        let length = u16::try_from(data.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
    };
    let bof = |kind: u8| record(&(0x0809, vec![0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]));
    let mut stream = bof(5);
    stream.extend(globals.iter().flat_map(record));
    let bound = |start: usize| {
        let start = u32::try_from(start).unwrap().to_le_bytes();
        record(&(0x0085, [&start[..], &[0, 0, 1, 0, b'S']].concat()))
    };
    let end = record(&(0x000A, vec![]));
    let start = stream.len() + bound(0).len() + end.len();
    stream.extend(bound(start));
    stream.extend(&end);
    stream.extend(bof(0x10));
    stream.extend(cells.iter().flat_map(record));
    stream.extend(&end);
    // Short streams are kept in another way; real ones are not that short.
    stream.resize(stream.len().max(4096), 0);
    let empty = Cursor::new(Vec::new());
    let mut file = cfb::CompoundFile::create_with_version(cfb::Version::V3, empty).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&stream).unwrap();
    file.into_inner().into_inner()
}

fn label(row: u16, column: u16, text: &str) -> (u16, Vec<u8>) {
    let head = [row, column, 0, text.len() as u16].map(u16::to_le_bytes).concat();
    (0x0204, [&head[..], &[0], text.as_bytes()].concat())
}

fn number(row: u16, column: u16, format: u16, value: f64) -> (u16, Vec<u8>) {
    let head = [row, column, format].map(u16::to_le_bytes).concat();
    (0x0203, [&head[..], &value.to_le_bytes()].concat())
}

#[test]
fn an_xls() {
    let code = b"00000";
    let format = [&164_u16.to_le_bytes()[..], &[5, 0, 0], code].concat();
    let xf = |id: u16| (0x00E0, [&[0, 0][..], &id.to_le_bytes(), &[0; 16]].concat());
    let globals = [(0x041E, format), xf(0), xf(14), xf(164)];
    let mut hidden = vec![0; 16];
    (hidden[0], hidden[12]) = (2, 0x20);
    let cells = [
        label(1, 0, "zip"),
        label(1, 1, "born"),
        (0x0208, hidden),
        number(2, 0, 2, 501.0),
        number(2, 1, 1, 31_933.0),
        (0x0205, vec![3, 0, 0, 0, 0, 0, 0x2A, 1]),
        (0x007D, vec![1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
    ];
    let sheet = read(&xls(&globals, &cells));
    assert_eq!(sheet.names(), ["zip", "born"]);
    assert_eq!(sheet.cells(), [["00501", "1987-06-05"], ["~", "~"]]);
    assert_eq!((sheet.lines.clone(), sheet.found()), (vec![3, 4], vec![(4, 0, "XLSX_ERROR_CELL")]));
    assert_eq!(sheet.noted(), [(3, 1, "XLSX_HIDDEN_ROWS"), (1, 1, "XLSX_HIDDEN_COLUMNS")]);
    assert_eq!(sheet.why("format"), "XLS high: a compound file with an old Excel workbook");
}

#[test]
fn xls_bombs_and_damage() {
    let far = [label(0, 0, "a"), number(65_535, 65_535, 0, 1.0)];
    assert_eq!(refused(&xls(&[], &far), &Request::default()).0, "XLSX_TOO_LARGE");
    let size = [&0_u32.to_le_bytes()[..], &u32::MAX.to_le_bytes(), &[0, 0, 255, 255, 0, 0]].concat();
    assert_eq!(refused(&xls(&[], &[(0x0200, size)]), &Request::default()).0, "XLSX_DAMAGED");
    assert_eq!(refused(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &Request::default()).0, "XLSX_DAMAGED");
    let whole = xls(&[], &[label(0, 0, "a"), number(1, 0, 0, 1.0)]);
    for end in (8..whole.len()).step_by(300) {
        let cut = try_read(&whole[..end], &Request::default());
        assert!(cut.is_ok() || cut.is_err_and(|e| e.code().starts_with("XLSX_")), "{end}");
    }
    for at in (0..whole.len()).step_by(13) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xFF;
        if let Err(e) = try_read(&damaged, &Request::default()) {
            assert!(e.code().starts_with("XLSX_"), "{e}");
        }
    }
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/WordDocument").unwrap().write_all(b"x").unwrap();
    let bytes = file.into_inner().into_inner();
    assert_eq!(
        refused(&bytes, &Request::default()).1,
        "book.xlsx is no spreadsheet but an old Word document"
    );
}

/// A record of an XLSB: its kind and length in seven bits a byte.
fn record(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut out = vec![];
    for number in [kind, u32::try_from(data.len()).unwrap()] {
        let mut rest = number;
        loop {
            let more = rest > 0x7F;
            out.push((rest & 0x7F) as u8 | if more { 0x80 } else { 0 });
            rest >>= 7;
            if !more {
                break;
            }
        }
    }
    out.extend(data);
    out
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&u32::try_from(units.len() / 2).unwrap().to_le_bytes()[..], &units].concat()
}

/// An XLSB of one sheet with these records between its rows' beginning and end.
fn xlsb(cells: &[u8]) -> Vec<u8> {
    let bundle = [&[0; 4][..], &[1, 0, 0, 0], &wide("r1"), &wide("S")].concat();
    let workbook =
        [record(0x99, &[0; 8]), record(0x9C, &bundle), record(0x90, &[]), record(0x9D, &[])].concat();
    let format = [&164_u16.to_le_bytes()[..], &wide("00000")].concat();
    let xf = |id: u16| record(0x2F, &[&[0, 0][..], &id.to_le_bytes(), &[0; 12]].concat());
    let styles = [
        record(0x267, &[1, 0, 0, 0]),
        record(0x2C, &format),
        record(0x268, &[]),
        record(0x269, &[3, 0, 0, 0]),
        xf(0),
        xf(14),
        xf(164),
        record(0x26A, &[]),
    ]
    .concat();
    let hidden = [1_u32, 1, 0, 0].map(u32::to_le_bytes).concat();
    let sheet = [
        record(0x81, &[]),
        record(0x94, &[0; 16]),
        record(0x186, &[]),
        record(0x3C, &[&hidden[..], &[1, 0]].concat()),
        record(0x187, &[]),
        record(0x91, &[]),
        cells.to_vec(),
        record(0x92, &[]),
    ]
    .concat();
    let rels = r#"<Relationships><Relationship Id="r1" Type="worksheet" Target="worksheets/sheet1.bin"/></Relationships>"#;
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    let parts: [(&str, &[u8]); 5] = [
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", rels.as_bytes()),
        ("xl/styles.bin", &styles),
        ("xl/worksheets/sheet1.bin", &sheet),
    ];
    for (name, content) in parts {
        zip.start_file(name, ::zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn row(number: u32, hidden: bool) -> Vec<u8> {
    let mut data = number.to_le_bytes().to_vec();
    data.extend([0, 0, 0, 0, 0, 0, 0, if hidden { 0x10 } else { 0 }, 0]);
    record(0, &data)
}

fn cell(kind: u32, column: u32, format: u32, value: &[u8]) -> Vec<u8> {
    record(kind, &[&column.to_le_bytes()[..], &format.to_le_bytes(), value].concat())
}

#[test]
fn an_xlsb() {
    let cells = [
        row(1, false),
        cell(6, 0, 0, &wide("zip")),
        cell(6, 1, 0, &wide("born")),
        cell(6, 2, 0, &wide("sum")),
        row(2, true),
        cell(5, 0, 2, &501.0_f64.to_le_bytes()),
        cell(5, 1, 1, &31_933.0_f64.to_le_bytes()),
        cell(0xB, 2, 0, &[0x17, 0, 0]),
        row(3, false),
        cell(4, 0, 0, &[1]),
        cell(3, 1, 0, &[0x2A]),
    ]
    .concat();
    let bytes = xlsb(&cells);
    let sheet = read(&bytes);
    assert_eq!(sheet.names(), ["zip", "born", "sum"]);
    assert_eq!(sheet.cells(), [["00501", "1987-06-05", "~"], ["true", "~", "~"]]);
    assert_eq!(sheet.lines, [3, 4]);
    assert_eq!(sheet.found(), [(3, 2, "XLSX_ERROR_CELL"), (4, 1, "XLSX_ERROR_CELL")]);
    assert_eq!(sheet.noted(), [(3, 1, "XLSX_HIDDEN_ROWS"), (1, 1, "XLSX_HIDDEN_COLUMNS")]);
    assert_eq!(sheet.why("format"), "XLSB high: a ZIP with the parts of a binary Excel workbook");
    // A string that is not there, a place that is none, a record that is too short: said, never a panic.
    for bad in [cell(7, 0, 0, &[9, 0, 0, 0]), cell(5, 99_999, 0, &[0; 8]), record(5, &[0, 0]), record(3, &[])]
    {
        let bytes = xlsb(&[row(0, false), bad].concat());
        assert_eq!(refused(&bytes, &Request::default()).0, "XLSX_DAMAGED");
    }
}

#[test]
fn records_that_changed_never_panic() {
    let cells = [row(1, false), cell(6, 0, 0, &wide("zip")), row(2, true), cell(5, 0, 2, &[1; 8])].concat();
    for at in 0..cells.len() {
        for to in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut cells = cells.clone();
            cells[at] = to;
            never_stops_badly(&xlsb(&cells));
        }
        never_stops_badly(&xlsb(&cells[..at]));
    }
}
