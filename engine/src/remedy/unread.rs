//! A record that could not be read, mended as a whole: its line stands in `original_value`, and what a person makes of it
//! is read again as the file is, by its own columns. A row of a sheet stands there as a JSON list of its cells.

use std::io::Cursor;

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use importer_connectors::csv::{
    CsvEncoding, CsvOptions, CsvReader, CsvWriter, Delimiter, Dialect, QuoteOption,
};
use serde_json::Value;

use crate::steps::land::LandedFile;

/// The cells of a mended line, in the order of the file's columns, or why it is no record of the file.
pub fn cells(file: &LandedFile, line: &str) -> Result<Vec<Option<String>>, String> {
    let wrong = |why: String| format!("original_value is still no record of {}: {why}", file.name);
    if file.style.sheet.is_some() {
        return cells_of_row(line, file.columns.len()).map_err(wrong);
    }
    let dialect = Dialect { encoding: CsvEncoding::Utf8, bom: false, ..file.style.dialect() };
    let mut writer = CsvWriter::new(Vec::new(), &dialect);
    let header = file.columns.iter().map(|name| Some(name.as_str()));
    writer.write_record(header).map_err(|e| wrong(e.to_string()))?;
    let mut text = writer.finish().map_err(|e| wrong(e.to_string()))?;
    text.extend_from_slice(line.trim_end_matches(['\r', '\n']).as_bytes());
    text.push(b'\n');
    let options = CsvOptions {
        delimiter: Delimiter::new(dialect.delimiter).ok(),
        quote: Some(dialect.quote.map_or(QuoteOption::None, QuoteOption::Char)),
        escape: Some(dialect.escape),
        encoding: Some(CsvEncoding::Utf8),
        skip_lines: Some(0),
        ..CsvOptions::default()
    };
    let mut reader = CsvReader::open(Box::new(Cursor::new(text)), &file.name, &options)
        .map_err(|e| wrong(e.to_string()))?;
    let batch = reader.next_batch().map_err(|e| wrong(e.to_string()))?;
    let Some(batch) = batch else { return Err(wrong("nothing is left of it".to_owned())) };
    if let Some(reject) = batch.rejects.first() {
        return Err(wrong(reject.reason.clone()));
    }
    match (batch.records.num_rows(), batch.records.num_columns() == file.columns.len()) {
        (1, true) => {}
        (0, _) => return Err(wrong("nothing is left of it".to_owned())),
        (1, false) => return Err(wrong("its cells are not those of the header".to_owned())),
        (n, _) => {
            return Err(wrong(format!(
                "it is read as {n} records; mend them in the file and import it again"
            )));
        }
    }
    batch
        .records
        .columns()
        .iter()
        .map(|column| {
            let text = cast(column, &DataType::Utf8).map_err(|e| wrong(e.to_string()))?;
            let text = text.as_string::<i32>();
            Ok(text.is_valid(0).then(|| text.value(0).to_owned()))
        })
        .collect()
}

/// The cells of a row of a sheet with so many columns.
fn cells_of_row(line: &str, columns: usize) -> Result<Vec<Option<String>>, String> {
    let cells: Vec<Value> =
        serde_json::from_str(line).map_err(|e| format!("it is no list such as [\"Ann\",null,\"7\"]: {e}"))?;
    if cells.len() != columns {
        return Err(format!("it has {} cells, and the sheet has {columns} columns", cells.len()));
    }
    let text = |cell| match cell {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Value::Number(_) | Value::Bool(_) => Ok(Some(cell.to_string())),
        Value::Array(_) | Value::Object(_) => Err("a cell is a text, a number or null".to_owned()),
    };
    cells.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::cells;
    use crate::steps::land::{FileStyle, LandedFile};

    fn file(delimiter: u8) -> LandedFile {
        LandedFile {
            name: "people.csv".to_owned(),
            number: 1,
            headers: vec!["id".to_owned(), "name".to_owned(), "note".to_owned()],
            columns: vec!["id".to_owned(), "name".to_owned(), "note".to_owned()],
            assignments: Vec::new(),
            unmapped: Vec::new(),
            doubted: Vec::new(),
            is_error_report: false,
            dialect: String::new(),
            typed: Vec::new(),
            unit: "line".to_owned(),
            style: FileStyle { delimiter, encoding: "windows-1252".to_owned(), ..FileStyle::default() },
            reading: None,
            counts: Default::default(),
            notes: Vec::new(),
            texts: Default::default(),
            progress: None,
            data_set: Default::default(),
        }
    }

    #[test]
    fn a_mended_line_is_read_as_its_file_is() {
        let read = cells(&file(b';'), "7;\"Jörg; Müller\";\r\n").expect("a record");
        assert_eq!(read, [Some("7".to_owned()), Some("Jörg; Müller".to_owned()), None]);
    }

    #[test]
    fn a_mended_row_of_a_sheet_is_a_list() {
        let mut file = file(b',');
        file.style.sheet = Some("People".to_owned());
        let read = cells(&file, "[\"007\",null,5]\n").expect("a row");
        assert_eq!(read, [Some("007".to_owned()), None, Some("5".to_owned())]);
        for (line, why) in [("[1,2]", "2 cells"), ("7,Ann,x", "no list"), ("[1,2,[3]]", "a cell is")] {
            let error = cells(&file, line).expect_err(line);
            assert!(error.contains(why), "{line:?}: {error}");
        }
    }

    #[test]
    fn what_is_no_record_is_told() {
        for (line, why) in [
            ("7;Ann", "2"),
            ("", "nothing is left"),
            ("7;Ann;x;y", "4"),
            ("1;a;b\n2;c;d", "2 records"),
            ("7;\"Ann;x", ""),
        ] {
            let error = cells(&file(b';'), line).expect_err(line);
            assert!(error.contains(why), "{line:?}: {error}");
        }
    }
}
