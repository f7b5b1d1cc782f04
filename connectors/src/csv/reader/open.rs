//! From the first byte to the first record: sample, dialect, header.

use std::io::Read;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, Schema};

use super::super::columns::{Column, recode};
use super::super::detect::{self, Guess};
use super::super::encoding::HighHalf;
use super::super::input::Input;
use super::super::magic;
use super::super::scan::Needles;
use super::super::split::{Field, Parsed, Record, Rules};
use super::super::window::Window;
use super::super::{
    Confidence, Counts, CsvError, CsvOptions, CsvReader, Dialect, Evidence, Headers, QuoteOption,
};

/// More columns than any table has; a "header" beyond that is something else.
const MAX_COLUMNS: usize = 1 << 16;
/// Of a preamble, this much is kept for a preview.
const PREAMBLE_LINES: usize = 20;
const PREAMBLE_CHARS: usize = 200;

pub(super) fn open(
    input: Box<dyn Read + Send>,
    name: &str,
    options: &CsvOptions,
) -> Result<CsvReader, CsvError> {
    check_options(name, options)?;
    let limits = options.limits.clamped();
    let input = Input::open(input, name, options.compression)?;
    let compression = input.compression();
    let (mut window, found) = Window::open(input, limits.sample_bytes, options.encoding, |raw| {
        magic::refuse_other_formats(name, raw)
    })?;
    let complete = window.ended();
    check_content(name, window.text(), complete)?;

    let mut guess = detect::detect(window.text(), complete, options);
    let mut rules = Rules::new(guess.delimiter, guess.quote, guess.escape, guess.line_ending);
    rules.field_bytes = limits.field_bytes;
    rules.field_lines = limits.field_lines;
    rules.remember = MAX_COLUMNS + 1;
    rules.blank_before_quote = guess.blank_before_quote;

    let at_header = window.text().get(guess.start..).unwrap_or_default();
    let (header, cells) = if options.header {
        let (record, cells) = read_header(name, &rules, at_header, complete, &guess, window.table())?;
        (Some(record), cells)
    } else {
        (None, Vec::new())
    };
    let shape = match &header {
        Some(_) => shape_of_header(&cells, &guess.filled_widths),
        None => Shape { width: guess.width, widest: guess.width },
    };
    if shape.width == 0 || shape.width > MAX_COLUMNS {
        let reason = format!("{} columns", shape.width);
        return Err(CsvError::Header { name: name.to_owned(), line: guess.preamble_lines + 1, reason });
    }
    let headers = match &header {
        Some(_) => Headers::from_cells(cells.into_iter().take(shape.width).collect()),
        None => Headers::numbered(shape.width),
    };

    let trailing = shape.widest - shape.width;
    let mut evidence = vec![
        Evidence::new(
            "compression",
            compression.to_string(),
            if options.compression.is_some() { Confidence::Given } else { Confidence::High },
            if options.compression.is_some() { "given" } else { "first bytes of the file" },
        ),
        found.evidence,
    ];
    evidence.append(&mut guess.evidence);
    evidence.push(match trailing {
        0 => Evidence::new("columns", shape.width.to_string(), Confidence::High, "the width of the header"),
        n => Evidence::new(
            "columns",
            shape.width.to_string(),
            Confidence::Medium,
            format!("{n} more at the end have neither name nor content and are dropped"),
        ),
    });
    let preamble =
        preamble_text(&rules, window.text().get(..guess.start).unwrap_or_default(), window.table());
    let dialect = Dialect {
        compression,
        encoding: found.encoding,
        bom: found.bom > 0,
        delimiter: guess.delimiter,
        quote: guess.quote,
        escape: guess.escape,
        blank_before_quote: guess.blank_before_quote,
        line_ending: guess.line_ending,
        header: options.header,
        preamble_lines: guess.preamble_lines,
        preamble,
        columns: shape.width,
        trailing_blank_columns: trailing,
        evidence,
    };

    let header_lines = header.map_or(0, |h| h.lines as u64);
    let counts = Counts {
        preamble_lines: guess.preamble_lines,
        header_lines,
        lines: guess.preamble_lines + header_lines,
        ..Counts::default()
    };
    let at = guess.start + header.map_or(0, |h| h.next);
    window.find_clean(at);
    let fields: Vec<_> =
        headers.unique.iter().map(|name| ArrowField::new(name, DataType::Utf8, true)).collect();
    let batch_rows = options.batch_rows.clamp(1, 1 << 20);
    rules.remember = shape.widest + 1;
    rules.most_fields = shape.widest;
    Ok(CsvReader {
        name: name.to_owned(),
        needles: Needles::new(guess.delimiter, guess.quote),
        columns: (0..shape.width).map(|_| Column::new(batch_rows)).collect(),
        ends: vec![0; shape.widest],
        schema: Arc::new(Schema::new(fields)),
        width: shape.width,
        widest: shape.widest,
        ragged: options.ragged,
        fields: Vec::new(),
        scratch: Vec::new(),
        skip: None,
        window,
        rules,
        dialect,
        headers,
        limits,
        batch_rows,
        at,
        counts,
    })
}

fn check_options(name: &str, options: &CsvOptions) -> Result<(), CsvError> {
    if let (Some(delimiter), Some(QuoteOption::Char(quote))) = (options.delimiter, options.quote)
        && delimiter.byte() == quote
    {
        let reason = format!("delimiter and quote are both {delimiter}");
        return Err(CsvError::Options { name: name.to_owned(), reason });
    }
    Ok(())
}

fn check_content(name: &str, text: &[u8], complete: bool) -> Result<(), CsvError> {
    let name = name.to_owned();
    if text.is_empty() {
        return Err(CsvError::Empty { name });
    }
    if text.iter().all(|b| matches!(b, b',' | b';' | b'\t' | b'|' | b' ' | b'\r' | b'\n')) {
        let lines = memchr::memchr_iter(b'\n', text).count() as u64;
        if complete {
            let unfinished = u64::from(!text.ends_with(b"\n"));
            return Err(CsvError::OnlyBlankLines { name, lines: lines + unfinished });
        }
        let reason = format!("the first {} bytes are blank", text.len());
        return Err(CsvError::Header { name, line: lines, reason });
    }
    if magic::looks_binary(text) {
        return Err(CsvError::Binary { name });
    }
    Ok(())
}

fn read_header(
    name: &str,
    rules: &Rules,
    text: &[u8],
    complete: bool,
    guess: &Guess,
    table: Option<&HighHalf>,
) -> Result<(Record, Vec<String>), CsvError> {
    let line = guess.preamble_lines + 1;
    let wrong = |reason: String| CsvError::Header { name: name.to_owned(), line, reason };
    let mut fields: Vec<Field> = Vec::new();
    let record = match rules.record(text, complete, &mut fields) {
        Parsed::Record(record) => record,
        Parsed::Bad { code, .. } => {
            return Err(wrong(format!("{code}: a quoted name is not closed properly")));
        }
        Parsed::More => return Err(wrong("it does not end within the sample".to_owned())),
    };
    if record.fields > MAX_COLUMNS {
        return Err(wrong(format!("{} columns, more than {MAX_COLUMNS}", record.fields)));
    }
    if record.stray.is_some() && record.lines > 1 {
        return Err(wrong("a quote inside a quoted name".to_owned()));
    }
    let mut cells = Vec::with_capacity(fields.len());
    for field in &fields {
        let cell = text.get(field.start..field.end).unwrap_or_default();
        let mut bytes = Vec::with_capacity(cell.len());
        if field.escaped {
            rules.unescape(cell, |piece| bytes.extend_from_slice(piece));
        } else {
            bytes.extend_from_slice(cell);
        }
        if memchr::memchr(0, &bytes).is_some() {
            return Err(wrong("a NUL byte in a name".to_owned()));
        }
        let name = match table {
            None => String::from_utf8(bytes).ok(),
            Some(table) => decode(&bytes, table),
        };
        match name {
            Some(name) => cells.push(name),
            None => return Err(wrong("bytes that are not valid in the file's encoding".to_owned())),
        }
    }
    Ok((record, cells))
}

fn decode(bytes: &[u8], table: &HighHalf) -> Option<String> {
    bytes.iter().map(|b| if b.is_ascii() { Some(char::from(*b)) } else { table.char(*b) }).collect()
}

/// Columns kept, and fields that a record may have when those beyond are blank.
struct Shape {
    width: usize,
    widest: usize,
}

fn shape_of_header(cells: &[String], rows: &[(usize, usize)]) -> Shape {
    let all = cells.len();
    let named = cells.iter().rposition(|c| !c.trim().is_empty()).map_or(0, |i| i + 1);
    if named < all {
        // Content under nameless columns in a few rows is a shifted row; in many it is a column.
        let beyond = rows.iter().filter(|(_, filled)| *filled > named).count();
        if beyond * 10 > rows.len() || named == 0 {
            return Shape { width: all, widest: all };
        }
        return Shape { width: named, widest: all };
    }
    // The rows, not the header, end in delimiters.
    let mut longer: Vec<usize> = rows
        .iter()
        .filter(|(fields, filled)| *fields > all && *filled <= all)
        .map(|(fields, _)| *fields)
        .collect();
    longer.sort_unstable();
    if !rows.is_empty() && longer.len() * 10 >= rows.len() * 9 {
        let usual = longer.get(longer.len() / 2).copied().unwrap_or(all);
        return Shape { width: all, widest: usual };
    }
    Shape { width: all, widest: all }
}

fn preamble_text(rules: &Rules, text: &[u8], table: Option<&HighHalf>) -> Vec<String> {
    let ends = |b: &u8| *b == b'\n' || (rules.lone_cr && *b == b'\r');
    let mut lines: Vec<&[u8]> = text.split(ends).collect();
    // What follows the last line ending is the header, not a line.
    lines.pop();
    let text = |line: &[u8]| {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = match table {
            None => String::from_utf8_lossy(line).into_owned(),
            Some(table) => {
                let mut bytes = Vec::new();
                recode(line, table, &mut bytes);
                String::from_utf8_lossy(&bytes).into_owned()
            }
        };
        text.chars().take(PREAMBLE_CHARS).collect()
    };
    lines.into_iter().take(PREAMBLE_LINES).map(text).collect()
}
