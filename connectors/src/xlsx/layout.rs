//! Where the table stands in a sheet: titles above it, its header in one row or two, its columns.

use std::collections::HashMap;

use super::cell::Kind;
use super::code;
use super::options::Options;
use super::sample::{Line, Sample};
use super::survey::{Region, Survey};
use crate::headers_again::is_reordered;
use crate::request::{KnownNames, Otherwise};
use crate::source::{Code, Confidence, Evidence, Note};

/// The table of a sheet. Rows count from 1, columns from 0.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    /// First and last row of the header.
    pub header: Option<(u32, u32)>,
    /// The first row that may be a record.
    pub first: u32,
    /// The columns of the sheet that are read, in their order.
    pub columns: Vec<u32>,
    /// The name of each, as it stands in the sheet.
    pub names: Vec<String>,
    /// The cells of each header row, as they stand there, by which they are known when they come again.
    pub header_cells: Vec<Vec<(u32, String)>>,
    /// The row below the header that names its columns in another order.
    pub contradicted: Option<u32>,
    /// Cells of the header that the caller knows.
    pub hits: usize,
    pub preamble: Vec<String>,
    pub evidence: Vec<Evidence>,
    pub notes: Vec<Note>,
}

/// Rows below the header that may name its columns once more, each in a language.
const LANGUAGES: usize = 4;

/// What the rows of a sample say of the table.
pub(super) struct Look<'a> {
    pub(super) lines: Vec<&'a Line>,
    survey: &'a Survey,
    pub(super) names: Option<&'a KnownNames>,
    /// Merged cells over several columns of one of the rows, by that row, from 1.
    wide: HashMap<u32, Vec<Region>>,
}

pub(super) fn find(
    sample: &Sample,
    survey: &Survey,
    options: &Options,
    names: Option<&KnownNames>,
) -> Layout {
    let lines: Vec<&Line> = sample.lines.iter().filter(|line| line.filled() > 0).collect();
    let wide = wide_regions(&lines, survey);
    let look = Look { lines, survey, names, wide };
    let (at, head) = look.head(options);
    let mut layout = Layout { preamble: look.preamble(sample, at), ..Layout::default() };
    layout.notes.extend(look.passed(at));
    let Some(line) = look.lines.get(at) else {
        layout.first = u32::MAX;
        return layout;
    };
    layout.evidence.push(head.evidence);
    layout.hits = head.hits;
    if head.present {
        let rows = look.header_rows(at);
        let (first, last) = (rows.first().map_or(0, |l| l.number), rows.last().map_or(0, |l| l.number));
        layout.header = Some((first, last));
        layout.first = last.saturating_add(1);
        layout.header_cells = rows.iter().map(|line| line.texts()).collect();
        if let [head] = rows.as_slice() {
            look.find_other_words(&mut layout, head, at);
        }
        if rows.len() > 1 {
            let why = "merged cells in the first name groups of columns; both names are put together";
            layout.evidence.push(Evidence::new("header rows", "2", Confidence::High, why));
        }
        look.name(&mut layout, &rows);
    } else {
        layout.first = line.number;
        if options.header.is_none() {
            let reason = "the first row of the table holds data, so its columns are numbered";
            layout.notes.push(note(code::NO_HEADER, line.number, 1, reason.to_owned()));
        }
        look.number(&mut layout);
    }
    look.tell(&mut layout);
    layout
}

/// Merged cells over several columns that begin with text of one of these rows and do not reach below it.
fn wide_regions(lines: &[&Line], survey: &Survey) -> HashMap<u32, Vec<Region>> {
    let rows: HashMap<u32, &Line> = lines.iter().map(|line| (line.number, *line)).collect();
    let mut wide: HashMap<u32, Vec<Region>> = HashMap::new();
    for region in survey.merges.iter().filter(|r| r.top == r.bottom && r.is_wide()) {
        let number = region.top.saturating_add(1);
        if rows.get(&number).is_some_and(|line| line.text(region.left).is_some()) {
            wide.entry(number).or_default().push(*region);
        }
    }
    wide
}

impl Look<'_> {
    /// The row of the header, and the one above or below it that belongs to it.
    fn header_rows(&self, at: usize) -> Vec<&Line> {
        let pair = |first: usize| match (self.lines.get(first), self.lines.get(first + 1)) {
            (Some(a), Some(b)) if self.is_group(a, b) => Some(vec![*a, *b]),
            _ => None,
        };
        let above = || at.checked_sub(1).and_then(pair);
        pair(at).or_else(above).unwrap_or_else(|| self.lines.get(at).copied().into_iter().collect())
    }

    /// The upper row groups the names of the lower one by merged cells.
    fn is_group(&self, upper: &Line, lower: &Line) -> bool {
        let next = lower.number == upper.number.saturating_add(1);
        let words = |line: &Line| line.cells.iter().all(|c| c.kind == Kind::Text || c.is_label());
        if !next || !words(upper) || !words(lower) {
            return false;
        }
        let leftmost = upper.cells.iter().chain(&lower.cells).map(|c| c.column).min().unwrap_or(0);
        // One merged cell from the first column on is a title.
        let title = |r: &Region| upper.filled() == 1 && r.left <= leftmost;
        self.wide_regions(upper).filter(|r| !title(r)).any(|r| {
            let below = lower.cells.iter().filter(|c| (r.left..=r.right).contains(&c.column)).count();
            below >= 2
        })
    }

    /// The rows below the header that name its columns in other languages: known as the header's own cells are.
    fn find_other_words(&self, layout: &mut Layout, head: &Line, at: usize) {
        for next in self.lines.iter().skip(at + 1).take(LANGUAGES) {
            match self.otherwise(head, next) {
                Some(Otherwise::InPlace) => layout.header_cells.push(next.texts()),
                Some(Otherwise::Crossed) => {
                    layout.contradicted = Some(next.number);
                    layout.notes.push(contradiction(next.number));
                    return;
                }
                None => return,
            }
        }
    }

    /// A row below the header names its columns in other words: `Vorname` below `First name`, or crossed below another one.
    /// What is below the same names in another order is read by them.
    fn otherwise(&self, head: &Line, next: &Line) -> Option<Otherwise> {
        if next.values() > 0 {
            return None;
        }
        let end = head.cells.iter().chain(&next.cells).map(|cell| cell.column).max();
        let texts = |line: &Line| -> Vec<String> {
            let columns = 0..=end.unwrap_or(0);
            columns.map(|column| line.text(column).unwrap_or_default().trim().to_owned()).collect()
        };
        let (header, line) = (texts(head), texts(next));
        let found = self.names?.otherwise(&header, &line)?;
        let read_by = || is_reordered(header.iter().map(String::as_bytes), line.iter().map(String::as_bytes));
        (found == Otherwise::InPlace || !read_by()).then_some(found)
    }

    /// Names the columns by the rows of the header.
    fn name(&self, layout: &mut Layout, rows: &[&Line]) {
        let cells = rows.iter().flat_map(|line| &line.cells).map(|cell| cell.column);
        let merged = rows.iter().flat_map(|line| self.wide_regions(line)).map(|region| region.right);
        let end = cells.chain(merged).max().map_or(0, |column| column.saturating_add(1));
        let end = end.max(u32::try_from(self.survey.last.len()).unwrap_or(0));
        for column in 0..end {
            // What is merged over both rows is there once: its text stands in the upper one only.
            let texts = rows.iter().filter_map(|line| self.merged_text(line, column));
            let parts: Vec<&str> = texts.filter(|text| !text.trim().is_empty()).collect();
            let name = match parts.as_slice() {
                [one] => (*one).to_owned(),
                parts => parts.iter().map(|part| part.trim()).collect::<Vec<_>>().join(" "),
            };
            let filled = self.survey.last.get(column as usize).is_some_and(|row| *row >= layout.first);
            if filled || !name.is_empty() {
                layout.columns.push(column);
                layout.names.push(name);
            }
        }
    }

    /// Merged cells over several columns that begin with text of this row and do not reach below it.
    pub(super) fn wide_regions(&self, line: &Line) -> impl Iterator<Item = &Region> {
        self.wide.get(&line.number).into_iter().flatten()
    }

    /// The text of a cell, or that of the merged cells in this row that it belongs to.
    fn merged_text<'b>(&self, line: &'b Line, column: u32) -> Option<&'b str> {
        line.text(column).or_else(|| {
            let region = self.wide_regions(line).find(|r| (r.left..=r.right).contains(&column))?;
            line.text(region.left)
        })
    }

    /// Numbers the columns from the first to the last that holds something.
    fn number(&self, layout: &mut Layout) {
        for (column, last) in (0_u32..).zip(&self.survey.last) {
            if *last >= layout.first {
                layout.columns.push(column);
            }
        }
    }

    /// Rows above the table that have several cells: they may be more than titles.
    fn passed(&self, at: usize) -> Option<Note> {
        let first = self.header_rows(at).first().map_or(0, |line| line.number);
        let above = || self.lines.iter().filter(|line| line.number < first);
        let wide = above().find(|line| line.filled() >= 2)?;
        let count = above().count() as u64;
        let reason = format!("{count} rows above the table are passed over, some of them with several cells");
        Some(note(code::ROWS_PASSED, wide.number, count, reason))
    }

    /// Texts above the table, for a preview only.
    fn preamble(&self, sample: &Sample, at: usize) -> Vec<String> {
        let first = self.header_rows(at).first().map_or(u32::MAX, |line| line.number);
        let lines = sample.above.iter().chain(&sample.lines).filter(|l| l.number < first && l.filled() > 0);
        lines.take(5).map(|line| line.words().join("  ").chars().take(200).collect()).collect()
    }

    fn tell(&self, layout: &mut Layout) {
        let survey = self.survey;
        let columns = layout.columns.len();
        let why = format!("{} rows of the sheet hold something", survey.rows);
        layout.evidence.push(Evidence::new("columns", columns.to_string(), Confidence::High, why));
        if survey.hidden_rows.count > 0 {
            let reason = format!("{} hidden rows were read like all others", survey.hidden_rows.count);
            let (at, count) = (survey.hidden_rows.first, survey.hidden_rows.count);
            layout.notes.push(note(code::HIDDEN_ROWS, at, count, reason));
        }
        let hidden = |column: &&u32| survey.hidden_columns.iter().any(|(a, b)| (a..=b).contains(column));
        let mut columns = layout.columns.iter().filter(hidden).peekable();
        if let Some(first) = columns.peek().map(|column| column_letters(**column)) {
            let count = columns.count() as u64;
            let reason =
                format!("{count} hidden columns, the first of them {first}, were read like all others");
            layout.notes.push(note(code::HIDDEN_COLUMNS, 1, count, reason));
        }
        let below = |r: &&Region| r.top.saturating_add(1) >= layout.first;
        let mut merged = survey.merges.iter().filter(below).map(|r| r.top).peekable();
        if merged.peek().is_some() {
            let (first, count) = merged.fold((u32::MAX, 0), |(first, n), top| (first.min(top), n + 1));
            let reason = "cells below the header are merged; their value stands in the first of them only";
            layout.notes.push(note(code::MERGED_CELLS, first.saturating_add(1), count, reason.to_owned()));
        }
        if let Some(row) = survey.unordered {
            let reason = "the rows do not stand in their order in the file; they were put in it";
            layout.notes.push(note(code::ROWS_UNORDERED, row, 1, reason.to_owned()));
        }
    }
}

/// Told once, for all the rows that cannot be read.
fn contradiction(row: u32) -> Note {
    let reason = format!(
        "row {row} names the same columns in other words and in another order than the header, so one of both is wrong; \
         it and the rows below it are rejected: delete the wrong one, or read by row {row} with --skip-lines {}",
        row.saturating_sub(1)
    );
    note(code::SECOND_TABLE, row, 1, reason)
}

fn note(code: Code, row: u32, count: u64, reason: String) -> Note {
    Note { code, line_number: i64::from(row), count, reason }
}

/// `A` for 0, `AA` for 26.
pub(super) fn column_letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        match (rest / 26).checked_sub(1) {
            Some(next) => rest = next,
            None => return letters.into_iter().rev().collect(),
        }
    }
}
