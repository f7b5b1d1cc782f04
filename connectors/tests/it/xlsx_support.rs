//! Workbooks made for a test, and their sheets read to the end.

use std::io::{Cursor, Write};

use arrow::array::{Array, AsArray};
use importer_connectors::connector::{Connector, Input, KnownNames, Request, Words};
use importer_connectors::source::{
    Counts, Description, Finding, Headers, Note, Reject, Source, SourceError, Unit,
};
use importer_connectors::xlsx::Xlsx;
use rust_xlsxwriter::{Workbook, Worksheet};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A sheet read to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    pub name: String,
    pub headers: Headers,
    pub description: Description,
    pub rows: Vec<Vec<Option<String>>>,
    pub lines: Vec<i64>,
    pub rejects: Vec<Reject>,
    pub findings: Vec<Finding>,
    pub notes: Vec<Note>,
    pub counts: Counts,
}

impl Sheet {
    /// Cells as text, NULL as `~`.
    pub fn cells(&self) -> Vec<Vec<&str>> {
        self.rows.iter().map(|r| r.iter().map(|c| c.as_deref().unwrap_or("~")).collect()).collect()
    }

    pub fn names(&self) -> Vec<&str> {
        self.headers.unique.iter().map(String::as_str).collect()
    }

    /// Row, column and code of each finding.
    pub fn found(&self) -> Vec<(i64, usize, &str)> {
        self.findings.iter().map(|f| (f.line_number, f.column, f.code.as_str())).collect()
    }

    /// Row, count and code of each note.
    pub fn noted(&self) -> Vec<(i64, u64, &str)> {
        self.notes.iter().map(|n| (n.line_number, n.count, n.code.as_str())).collect()
    }

    pub fn rejected(&self) -> Vec<(i64, &str)> {
        self.rejects.iter().map(|r| (r.line_number, r.code.as_str())).collect()
    }

    pub fn why(&self, item: &str) -> String {
        self.description
            .evidence
            .why(item)
            .map_or(String::new(), |e| format!("{} {}: {}", e.value, e.confidence, e.why))
    }
}

pub fn words<const N: usize>(words: [(&str, &str); N]) -> Request {
    Request { words: Words::from_iter(words), ..Request::default() }
}

/// A request of someone who knows these names.
pub fn knowing(names: &'static [&'static str]) -> Request {
    let known = KnownNames::new(|cell| names.iter().position(|known| *known == cell.to_lowercase()));
    Request { names: Some(known), ..Request::default() }
}

pub fn open(bytes: &[u8], request: &Request) -> Result<Vec<Box<dyn Source>>, SourceError> {
    Xlsx.open(Input::bytes("book.xlsx", bytes.to_vec()), request)
}

pub fn to_end(source: &mut dyn Source, batch_rows: usize) -> Result<Sheet, SourceError> {
    let mut sheet = Sheet {
        name: source.name().to_owned(),
        headers: source.headers().clone(),
        description: source.description(),
        rows: vec![],
        lines: vec![],
        rejects: vec![],
        findings: vec![],
        notes: vec![],
        counts: Counts::default(),
    };
    assert_eq!(sheet.description.unit, Unit::Row);
    assert_eq!(sheet.description.evidence.first().map(|e| e.item), Some("format"));
    while let Some(batch) = source.next_batch()? {
        assert!(batch.records.num_rows() <= batch_rows);
        assert_eq!(batch.records.schema(), source.schema());
        assert_eq!(batch.records.num_rows(), batch.line_numbers.len());
        for row in 0..batch.records.num_rows() {
            let cell = |column: &std::sync::Arc<dyn Array>| {
                let column = column.as_string::<i32>();
                (!column.is_null(row)).then(|| column.value(row).to_owned())
            };
            sheet.rows.push(batch.records.columns().iter().map(cell).collect());
            sheet.lines.push(batch.line_numbers.value(row));
        }
        sheet.rejects.extend(batch.rejects);
        sheet.findings.extend(batch.findings);
    }
    assert!(source.next_batch()?.is_none(), "the end stays the end");
    sheet.counts = source.counts();
    sheet.notes = source.notes().to_vec();
    check(&sheet);
    Ok(sheet)
}

/// Every row is in exactly one place, and in order.
fn check(sheet: &Sheet) {
    let c = sheet.counts;
    assert_eq!(c.records, sheet.rows.len() as u64);
    assert_eq!(c.rejected, sheet.rejects.len() as u64);
    assert_eq!(
        c.lines,
        c.preamble_lines + c.header_lines + c.record_lines + c.rejected_lines + c.passed + c.blank
    );
    assert!(sheet.lines.is_sorted_by(|a, b| a < b), "{:?}", sheet.lines);
    assert!(sheet.rejects.is_sorted_by(|a, b| a.line_number < b.line_number));
    for finding in &sheet.findings {
        assert!(sheet.lines.binary_search(&finding.line_number).is_ok());
        assert!(finding.column < sheet.headers.unique.len());
    }
}

pub fn try_read(bytes: &[u8], request: &Request) -> Result<Vec<Sheet>, SourceError> {
    open(bytes, request)?.iter_mut().map(|s| to_end(s.as_mut(), request.batch_rows)).collect()
}

/// All sheets that are read.
#[track_caller]
pub fn read_all(bytes: &[u8], request: &Request) -> Vec<Sheet> {
    match try_read(bytes, request) {
        Ok(sheets) => sheets,
        Err(e) => panic!("{} {e}\n{}", e.code(), e.help()),
    }
}

/// The one sheet that is read; the same whatever the size of batches.
#[track_caller]
pub fn read_with(bytes: &[u8], request: &Request) -> Sheet {
    let mut sheets = read_all(bytes, request);
    assert_eq!(sheets.len(), 1);
    let small = read_all(bytes, &Request { batch_rows: 1, ..request.clone() });
    assert_eq!(sheets, small);
    sheets.remove(0)
}

#[track_caller]
pub fn read(bytes: &[u8]) -> Sheet {
    read_with(bytes, &Request::default())
}

/// The code of the error that stops a workbook, with its message.
#[track_caller]
pub fn refused(bytes: &[u8], request: &Request) -> (&'static str, String) {
    match try_read(bytes, request) {
        Ok(sheets) => panic!("was read: {:?}", sheets.first().map(Sheet::cells)),
        Err(e) => {
            assert!(!e.help().is_empty());
            (e.code(), e.to_string())
        }
    }
}

pub fn book(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(&mut workbook);
    workbook.save_to_buffer().unwrap()
}

/// A workbook of one sheet.
pub fn sheet(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    book(|workbook| fill(workbook.add_worksheet()))
}

/// A workbook of one sheet of texts; `3.5` and the like are numbers, nothing is an empty cell.
pub fn table(rows: &[&[&str]]) -> Vec<u8> {
    sheet(|sheet| write_table(sheet, rows))
}

pub fn write_table(sheet: &mut Worksheet, rows: &[&[&str]]) {
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            match cell.parse::<f64>() {
                Ok(number) => sheet.write_number(row, column, number).unwrap(),
                Err(_) if cell.is_empty() => sheet,
                Err(_) => sheet.write_string(row, column, *cell).unwrap(),
            };
        }
    }
}

/// A ZIP of these parts.
pub fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub const RELATIONS: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;

/// A workbook of one sheet with this XML, and these shared strings.
pub fn raw(sheet: &str, strings: &str) -> Vec<u8> {
    zip(&[
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", RELATIONS),
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        ("xl/sharedStrings.xml", strings),
        ("xl/worksheets/sheet1.xml", sheet),
    ])
}

/// A workbook of one sheet with these rows in XML.
pub fn rows(rows: &str) -> Vec<u8> {
    raw(&format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"), "<sst/>")
}
