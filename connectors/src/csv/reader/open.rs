//! From the first byte to the first record: sample, dialect, header.

use std::io::Read;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, Schema};

use super::super::columns::{Column, recode};
use super::super::detect::{self, Fit, Guess};
use super::super::input::Input;
use super::super::magic;
use super::super::scan::Needles;
use super::super::split::Rules;
use super::super::window::Window;
use super::super::{CsvCode, CsvError, CsvOptions, Dialect, QuoteOption, Ragged};
use super::header::{self, MAX_COLUMNS};
use super::state::{CsvReader, note};
use crate::cell::Kind;
use crate::dialect::HighHalf;
use crate::headers_again::HeaderWatch;
use crate::source::{Confidence, Counts, Evidence, Headers};

/// Of a preamble, this much is kept for a preview.
const PREAMBLE_LINES: usize = 20;
const PREAMBLE_CHARS: usize = 200;

impl CsvReader {
    /// Reads the sample, detects what the options leave open, reads the header.
    pub fn open(input: Box<dyn Read + Send>, name: &str, options: &CsvOptions) -> Result<Self, CsvError> {
        open(input, name, options)
    }
}

fn open(input: Box<dyn Read + Send>, name: &str, options: &CsvOptions) -> Result<CsvReader, CsvError> {
    check_options(name, options)?;
    let limits = options.limits.clamped();
    let input = Input::open(input, name, options.compression)?;
    let compression = input.compression();
    let (mut window, found) = Window::open(input, limits.sample_bytes, options.encoding, |raw| {
        magic::refuse_other_formats(name, raw)
    })?;
    let complete = window.ended();
    check_content(name, window.text(), complete)?;
    if complete {
        check_skipped(name, window.text(), options)?;
    }

    let mut guess = detect::detect(window.text(), complete, window.table(), options);
    let mut rules = guess.rules.clone();
    rules.field_bytes = limits.field_bytes;
    rules.field_lines = limits.field_lines;
    rules.remember = MAX_COLUMNS + 1;

    let at_header = window.text().get(guess.start..).unwrap_or_default();
    let line = guess.preamble_lines + 1;
    let header = if guess.header {
        let mut header = header::read(name, &rules, at_header, complete, &guess, window.table())?;
        if let Some(reason) = header.damage.take() {
            guess.notes.push(note(CsvCode::HeaderRepaired, line, reason));
        }
        Some(header)
    } else {
        None
    };
    let mut cells = header.as_ref().map_or_else(Vec::new, |header| header.cells.clone());
    settle_fit(&mut guess, &mut cells, line, options);
    let shape = match &header {
        Some(_) => shape_of_header(&cells, &guess.filled_widths),
        None => Shape { width: guess.width, widest: guess.width },
    };
    if shape.width == 0 || shape.width > MAX_COLUMNS {
        let reason = format!("{} columns", shape.width);
        return Err(CsvError::Header { name: name.to_owned(), line, reason });
    }
    let headers = match &header {
        Some(_) => Headers::from_cells(cells.into_iter().take(shape.width).collect()),
        None => Headers::numbered(shape.width),
    };
    let settled = guess.fit == Fit::Short || guess.uneven;
    let ragged = options.ragged.unwrap_or(if settled { Ragged::Pad } else { Ragged::Reject });

    if found.evidence.confidence == Confidence::Low {
        let reason = format!("the text is read as {}: {}", found.encoding, found.evidence.why);
        guess.notes.insert(0, note(CsvCode::EncodingDoubtful, 1, reason));
    }
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
    evidence.push(columns_evidence(&guess, shape.width, trailing));
    let preamble =
        preamble_text(&rules, window.text().get(..guess.start).unwrap_or_default(), window.table());
    let dialect = Dialect {
        compression,
        encoding: found.encoding,
        bom: found.bom > 0,
        delimiter: rules.delimiter,
        quote: rules.quote,
        escape: guess.escape,
        blank_before_quote: rules.blank_before_quote,
        blank_after_delimiter: rules.blank_after_delimiter,
        doubled_delimiter: rules.doubled,
        runs_of_delimiters: rules.runs,
        curly_quotes: rules.curly,
        line_ending: guess.line_ending,
        header: guess.header,
        preamble_lines: guess.preamble_lines,
        preamble,
        columns: shape.width,
        trailing_blank_columns: trailing,
        evidence: evidence.into(),
    };

    let header_lines = header.as_ref().map_or(0, |h| h.record.lines as u64);
    let counts = Counts {
        preamble_lines: guess.preamble_lines,
        header_lines,
        lines: guess.preamble_lines + header_lines,
        ..Counts::default()
    };
    let at = guess.start + header.as_ref().map_or(0, |h| h.record.next);
    window.find_clean(at);
    let fields: Vec<_> =
        headers.unique.iter().map(|name| ArrowField::new(name, DataType::Utf8, true)).collect();
    let batch_rows = options.batch_rows.clamp(1, 1 << 20);
    // Empty cells beyond the header are looked at, so that they can be dropped.
    rules.remember = shape.widest * 2 + 64;
    rules.most_fields = shape.widest;
    let unnamed_first = usize::from(guess.fit == Fit::UnnamedFirst);
    let own_names: Option<Vec<Vec<u8>>> =
        header.map(|h| vec![Vec::new(); unnamed_first].into_iter().chain(h.raw).collect());
    let mut known_headers: Vec<Vec<Vec<u8>>> = own_names.into_iter().chain(guess.otherwise).collect();
    known_headers.iter_mut().for_each(|names| names.resize(shape.width, Vec::new()));
    Ok(CsvReader {
        name: name.to_owned(),
        needles: Needles::new(rules.delimiter, rules.quote),
        columns: (0..shape.width).map(|_| Column::new(batch_rows)).collect(),
        ends: vec![0; shape.widest],
        schema: Arc::new(Schema::new(fields)),
        width: shape.width,
        widest: shape.widest,
        ragged,
        settled: settled && options.ragged.is_none(),
        fields: Vec::new(),
        scratch: Vec::new(),
        skip: None,
        marks: guess.marks.into(),
        watched: watched(&guess.patterns),
        patterns: guess.patterns,
        again: HeaderWatch::new(&known_headers, options.names.as_ref()),
        order: None,
        other_table: None,
        shifted: None,
        comments: dialect.preamble.iter().any(|line| line.starts_with('#')),
        notes: guess.notes,
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

/// Gives columns without a name their place, and says how header and records were brought together.
fn settle_fit(guess: &mut Guess, cells: &mut Vec<String>, line: u64, options: &CsvOptions) {
    let names = cells.len();
    let told = match guess.fit {
        Fit::Plain if guess.uneven && options.ragged.is_none() => (
            CsvCode::WidthSettled,
            "every line has its own number of values: shorter ones are filled up".to_owned(),
        ),
        Fit::Plain => (CsvCode::NoHeader, String::new()),
        Fit::UnnamedFirst => {
            cells.insert(0, String::new());
            let reason = format!(
                "the header has {names} names and the records have {} cells: the first column, of row names, has none",
                names + 1
            );
            (CsvCode::WidthSettled, reason)
        }
        Fit::UnnamedLast(more) => {
            cells.extend(std::iter::repeat_n(String::new(), more));
            let reason = format!(
                "the header has {names} names and the records have {} cells: the last {more} columns have none",
                names + more
            );
            (CsvCode::WidthSettled, reason)
        }
        Fit::Short if options.ragged.is_some() => return,
        Fit::Short => {
            let reason = format!(
                "the header has {names} names and the records are shorter throughout: the missing cells at the end \
                 are read as empty"
            );
            (CsvCode::WidthSettled, reason)
        }
    };
    if !told.1.is_empty() {
        guess.notes.push(note(told.0, line, told.1));
    }
    if !guess.header && options.header.is_none() {
        let why = guess.evidence.iter().find(|e| e.item == "header").map_or("", |e| e.why.as_str());
        let reason =
            format!("the file has no header line ({why}); its columns are named column_1, column_2 …");
        guess.notes.push(note(CsvCode::NoHeader, line, reason));
    }
}

fn columns_evidence(guess: &Guess, width: usize, trailing: usize) -> Evidence {
    let (confidence, why) = match (guess.fit, trailing) {
        (Fit::UnnamedFirst, _) => {
            (Confidence::Medium, "one more than the header has names: the first holds row names".to_owned())
        }
        (Fit::UnnamedLast(n), _) => (Confidence::Medium, format!("{n} more than the header has names")),
        (Fit::Short, _) => {
            (Confidence::Medium, "the width of the header; records leave out cells at the end".to_owned())
        }
        (Fit::Plain, 0) if guess.header => (Confidence::High, "the width of the header".to_owned()),
        (Fit::Plain, 0) => (Confidence::Medium, "the width of the records".to_owned()),
        (Fit::Plain, n) => {
            (Confidence::Medium, format!("{n} more at the end have neither name nor content and are dropped"))
        }
    };
    Evidence::new("columns", width.to_string(), confidence, why)
}

/// The columns at the right whose pattern is quickest to see broken: cells that moved come to rest there.
fn watched(patterns: &[Option<Kind>]) -> Vec<(usize, Kind)> {
    let quick = |kind: &Kind| matches!(kind, Kind::Digits(1..=8) | Kind::Email);
    let found = patterns.iter().enumerate().filter_map(|(i, kind)| Some((i, kind.filter(quick)?)));
    let mut found: Vec<(usize, Kind)> = found.collect();
    let first = found.len().saturating_sub(2);
    found.split_off(first)
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

/// Where all lines are skipped, no header of the file is to blame.
fn check_skipped(name: &str, text: &[u8], options: &CsvOptions) -> Result<(), CsvError> {
    let Some(skip) = options.skip_lines.filter(|skip| *skip > 0) else { return Ok(()) };
    // However lines end, there are no more than so many.
    let ends = memchr::memchr2_iter(b'\n', b'\r', text)
        .filter(|at| text.get(*at) == Some(&b'\r') || *at == 0 || text.get(at - 1) != Some(&b'\r'));
    let lines = ends.count() + usize::from(!text.ends_with(b"\n") && !text.ends_with(b"\r"));
    if skip < lines {
        return Ok(());
    }
    let word = if lines == 1 { "line" } else { "lines" };
    let reason = format!("{skip} lines are to be skipped (skip_lines), and it has only {lines} {word}");
    Err(CsvError::Options { name: name.to_owned(), reason })
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
