//! One candidate dialect, tried on the sample with the real record rules.

use super::super::split::{LineEnd, Parsed, Rules, is_blank};
use super::cell::{Look, is_name, look};

/// Enough rows to see a pattern, few enough to be quick.
const ROWS: usize = 1000;
/// Cells are looked at in this many rows.
const LOOKED_AT: usize = 200;

/// One row of the sample as the candidate reads it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub start: usize,
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
    cells: usize,
    good: f64,
    /// Delimiters, and how many of them have a space behind them.
    pub delimiters: usize,
    pub spaced: usize,
    /// Cells that begin with blanks and a quote.
    pub late_quotes: usize,
}

impl Trial {
    pub(super) fn run(rules: &Rules, text: &[u8], complete: bool) -> Self {
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
            match rules.record(rest, complete, &mut fields) {
                Parsed::More => break,
                Parsed::Bad { .. } => {
                    trial.broken += 1;
                    trial.bad_rows += 1;
                    // Kept as a row without fields: it must never pass for a title above the table.
                    trial.rows.push(Row {
                        start: at,
                        line,
                        fields: 0,
                        filled: 0,
                        last_filled: 0,
                        values: 0,
                        header_like: false,
                        odd: false,
                        spaces: physical.contains(&b' '),
                        comment: is_comment(physical),
                        after_blank,
                    });
                    (at, line) = (next, line + 1);
                }
                Parsed::Record(record) => {
                    let mut row = Row {
                        start: at,
                        line,
                        fields: record.fields,
                        filled: 0,
                        last_filled: 0,
                        values: 0,
                        header_like: true,
                        odd: false,
                        spaces: physical.contains(&b' '),
                        comment: is_comment(physical),
                        after_blank,
                    };
                    let closer = trial.rows.len() < LOOKED_AT;
                    let mut names: Vec<&[u8]> = Vec::new();
                    for (i, field) in fields.iter().enumerate() {
                        let cell = rest.get(field.start..field.end).unwrap_or_default();
                        trial.quoted += usize::from(field.quoted);
                        trial.delimiters += usize::from(i > 0);
                        let spaced = i > 0 && cell.first() == Some(&b' ');
                        trial.spaced += usize::from(spaced);
                        let quote = cell.trim_ascii_start().first().copied();
                        trial.late_quotes += usize::from(spaced && !field.quoted && quote == rules.quote);
                        let seen = if closer { look(cell, field.quoted) } else { Look::Text };
                        if cell.trim_ascii().is_empty() {
                            continue;
                        }
                        row.filled += 1;
                        row.last_filled = i + 1;
                        row.values += usize::from(seen == Look::Value);
                        row.odd |= seen == Look::Odd;
                        if closer {
                            let name = cell.trim_ascii();
                            row.header_like &= field.quoted && seen == Look::Text || is_name(name);
                            names.push(name);
                        }
                    }
                    names.sort_unstable();
                    let filled = names.len();
                    names.dedup();
                    row.header_like &= closer && names.len() == filled && row.filled * 2 >= record.fields;
                    if closer {
                        trial.weigh(rest, &fields);
                    }
                    trial.broken += usize::from(record.stray.is_some());
                    trial.rows.push(row);
                    (at, line) = (at + record.next, line + record.lines as u64);
                }
            }
            after_blank = false;
        }
        trial
    }

    fn weigh(&mut self, rest: &[u8], fields: &[super::super::split::Field]) {
        for field in fields {
            let cell = rest.get(field.start..field.end).unwrap_or_default();
            self.cells += 1;
            self.good += match look(cell, field.quoted) {
                Look::Value | Look::Empty => 1.0,
                Look::Text => 0.95,
                Look::Odd => 0.1,
            };
        }
    }

    /// Share of cells that look like cells.
    pub(super) fn cell_quality(&self) -> f64 {
        if self.cells == 0 { 1.0 } else { self.good / self.cells as f64 }
    }
}

fn is_comment(line: &[u8]) -> bool {
    line.starts_with(b"#") || line.starts_with(b"//")
}
