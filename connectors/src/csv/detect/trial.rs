//! One candidate dialect, tried on the sample with the real record rules.

use super::super::split::{Field, LineEnd, Parsed, Record, Rules, is_blank, is_curly};
use crate::cell::{Kind, Look, is_name, kind, look};
use crate::dialect::HighHalf;
use crate::request::{KnownNames, Otherwise};

/// Enough rows to see a pattern, few enough to be quick.
const ROWS: usize = 1000;
/// Cells are looked at in this many rows.
const LOOKED_AT: usize = 200;
/// Among so many rows a header of known names is looked for.
const NAMED: usize = 20;
/// Kinds of so many cells are kept per row.
const KINDS: usize = 256;

/// One row of the sample as the candidate reads it.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub start: usize,
    /// Start of the next line.
    pub end: usize,
    /// Physical lines before it.
    pub line: u64,
    pub fields: usize,
    pub filled: usize,
    /// Number of fields up to the last one with content.
    pub last_filled: usize,
    pub values: usize,
    /// All its cells could be column names, none twice.
    pub header_like: bool,
    /// One of its cells looks as if it should have been split.
    pub odd: bool,
    /// There is a space in it.
    pub spaces: bool,
    /// It starts with a comment mark.
    pub comment: bool,
    /// A blank line stands before it.
    pub after_blank: bool,
    /// It is no record by the rules; its fields are counted as if quotes were text.
    pub bad: bool,
    /// How many of its cells are known as names of columns, for the first rows.
    pub hits: usize,
    /// What its cells hold, for the first rows.
    pub kinds: Vec<Kind>,
}

/// How cells are looked at.
#[derive(Clone, Copy)]
pub(super) struct Glass<'a> {
    /// Signs that would be another file's delimiter.
    pub odd: &'a [u8],
    pub names: Option<&'a KnownNames>,
    /// What the bytes beyond ASCII mean, where the text is not UTF-8.
    pub table: Option<&'a HighHalf>,
}

impl Glass<'_> {
    fn hits(&self, cells: &[&[u8]]) -> usize {
        self.names.map_or(0, |names| names.count(&self.texts(cells)))
    }

    /// Whether a line names the columns of a header in other words, and how.
    pub(super) fn otherwise(&self, header: &[&[u8]], line: &[&[u8]]) -> Option<Otherwise> {
        self.names?.otherwise(&self.texts(header), &self.texts(line))
    }

    fn texts(&self, cells: &[&[u8]]) -> Vec<String> {
        cells
            .iter()
            .map(|cell| match self.table {
                None => String::from_utf8_lossy(cell).into_owned(),
                Some(table) => cell
                    .iter()
                    .map(|b| if b.is_ascii() { char::from(*b) } else { table.char(*b).unwrap_or('?') })
                    .collect(),
            })
            .collect()
    }
}

/// What came of a candidate.
#[derive(Debug, Default)]
pub(super) struct Trial {
    pub rows: Vec<Row>,
    /// Fields that were properly quoted, and quoted fields that went wrong.
    pub quoted: usize,
    pub broken: usize,
    /// Rows that are no records at all.
    pub bad_rows: usize,
    /// Cells that were looked at, and those of them that hold values.
    cells: usize,
    values: usize,
    good: f64,
    /// Delimiters, and how many of them have a space behind them.
    pub delimiters: usize,
    pub spaced: usize,
    /// Cells that begin with blanks and a quote.
    pub late_quotes: usize,
    /// Cells that stand in typographic quotes.
    pub curly: usize,
    /// Cells without any content between two delimiters.
    pub hollow: usize,
}

impl Trial {
    pub(super) fn run(rules: &Rules, text: &[u8], complete: bool, glass: Glass<'_>) -> Self {
        let mut trial = Self::default();
        let mut fields = Vec::new();
        let (mut at, mut line, mut after_blank) = (0, 0_u64, false);
        while at < text.len() && trial.rows.len() < ROWS {
            let LineEnd::At { end, next } = rules.line_end(text, at, complete) else { break };
            let physical = text.get(at..end).unwrap_or_default();
            if is_blank(physical, rules.delimiter) {
                (at, line, after_blank) = (next, line + 1, true);
                continue;
            }
            let rest = text.get(at..).unwrap_or_default();
            let row = Row {
                start: at,
                end: next,
                line,
                spaces: physical.contains(&b' '),
                comment: is_comment(physical),
                after_blank,
                ..Row::default()
            };
            match rules.record(rest, complete, &mut fields) {
                Parsed::More => break,
                Parsed::Bad { .. } => {
                    trial.broken += 1;
                    trial.bad_rows += 1;
                    let fields = memchr::memchr_iter(rules.delimiter, physical).count() + 1;
                    trial.rows.push(Row { bad: true, fields, ..row });
                    (at, line) = (next, line + 1);
                }
                Parsed::Record(record) => {
                    let row = trial.read(rules, rest, &fields, record, row, glass);
                    (at, line) = (at + record.next, line + record.lines as u64);
                    trial.rows.push(Row { end: at, ..row });
                }
            }
            after_blank = false;
        }
        trial
    }

    /// Looks at the cells of a record.
    fn read(
        &mut self,
        rules: &Rules,
        rest: &[u8],
        fields: &[Field],
        record: Record,
        row: Row,
        glass: Glass<'_>,
    ) -> Row {
        let odd = glass.odd;
        let mut row = Row { fields: record.fields, header_like: true, ..row };
        let closer = self.rows.len() < LOOKED_AT;
        let mut names: Vec<&[u8]> = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            let cell = rest.get(field.start..field.end).unwrap_or_default();
            self.quoted += usize::from(field.quoted);
            self.delimiters += usize::from(i > 0);
            let behind = rest.get(field.start.saturating_sub(1 + usize::from(field.quoted))).copied();
            let spaced = i > 0 && (cell.first() == Some(&b' ') && !field.quoted || behind == Some(b' '));
            self.spaced += usize::from(spaced);
            let trimmed = cell.trim_ascii();
            let late =
                !field.quoted && spaced && rules.quote.is_some() && trimmed.first().copied() == rules.quote;
            self.late_quotes += usize::from(late);
            self.curly += usize::from(
                trimmed.len() > 5 && is_curly(trimmed, 0) && is_curly(trimmed, trimmed.len() - 3),
            );
            self.hollow += usize::from(i % 2 == 1 && cell.is_empty() && !field.quoted);
            let seen = if closer { look(cell, field.quoted, odd) } else { Look::Text };
            if closer {
                self.cells += 1;
                self.values += usize::from(matches!(seen, Look::Value | Look::Empty));
                self.good += match seen {
                    Look::Value | Look::Empty => 1.0,
                    Look::Text => 0.95,
                    Look::Odd => 0.1,
                };
                if i < KINDS {
                    row.kinds.push(kind(trimmed));
                }
            }
            if trimmed.is_empty() {
                continue;
            }
            row.filled += 1;
            row.last_filled = i + 1;
            row.values += usize::from(seen == Look::Value);
            row.odd |= seen == Look::Odd;
            if closer {
                row.header_like &= field.quoted && seen == Look::Text || is_name(trimmed, odd);
                names.push(trimmed);
            }
        }
        // A row with values is a record, and no name is looked up for it: that is slow.
        if self.rows.len() < NAMED && names.len() > 1 && row.values == 0 {
            row.hits = glass.hits(&names);
        }
        names.sort_unstable();
        let filled = names.len();
        names.dedup();
        row.header_like &= closer && names.len() == filled && row.filled * 2 >= record.fields;
        self.broken += usize::from(record.stray.is_some());
        row
    }

    /// The delimiter is written twice: what stands between the two is no cell.
    pub(super) fn is_doubled(&self) -> bool {
        let halves: usize = self.rows.iter().map(|row| row.fields / 2).sum();
        let odd = self.rows.iter().all(|row| row.fields % 2 == 1 && !row.bad);
        odd && halves > 0 && self.hollow == halves && self.rows.iter().any(|row| row.fields >= 3)
    }

    /// Share of cells that look like cells.
    pub(super) fn cell_quality(&self) -> f64 {
        if self.cells == 0 { 1.0 } else { self.good / self.cells as f64 }
    }

    /// Every cell that was looked at is a value or empty.
    pub(super) fn all_values(&self) -> bool {
        self.cells > 0 && self.values == self.cells
    }
}

fn is_comment(line: &[u8]) -> bool {
    line.starts_with(b"#") || line.starts_with(b"//")
}
