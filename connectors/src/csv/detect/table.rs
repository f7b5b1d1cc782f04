//! What the rows of the winner say together: is there a header, does it name all columns, are records short or long
//! throughout, which lines are no records, which cells have moved.

use super::super::CsvCode;
use super::super::split::{Field, Parsed, Rules};
use super::layout::{Layout, same_width};
use super::trial::{Glass, Row, Trial};
use crate::cell::{Kind, folded};
use crate::request::Otherwise;
use crate::source::{Confidence, Note};

/// A line of the sample that is not read as an ordinary record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Mark {
    /// Physical line, from 1.
    pub line: u64,
    pub what: Marked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Marked {
    /// Units or explanations below the header.
    PassOver,
    /// A record whose cells have moved; the first column that shows it.
    Shifted(usize),
    /// Here another table begins.
    OtherTable(SecondHeader),
}

/// What a header names below which nothing can be read by the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum SecondHeader {
    /// Other columns.
    Columns,
    /// The same columns, in other words.
    Words,
    /// The same columns in other words and in another order; near: right below the first header.
    Order { near: bool },
}

/// Of a line below records.
impl From<Otherwise> for SecondHeader {
    fn from(found: Otherwise) -> Self {
        match found {
            Otherwise::InPlace => Self::Words,
            Otherwise::Crossed => Self::Order { near: false },
        }
    }
}

/// What there is to know of the lines of the sample.
pub(super) struct Marks<'a> {
    pub marks: Vec<Mark>,
    pub notes: Vec<Note>,
    /// The lines below the header that name its columns in other words.
    pub otherwise: Vec<&'a Row>,
}

/// Whether the first row names the columns.
#[derive(Debug, PartialEq)]
pub(super) struct HeaderLook {
    pub present: bool,
    pub confidence: Confidence,
    pub why: String,
}

/// How the header and the records go together.
#[derive(Debug, Default, PartialEq, Eq, Clone, Copy)]
pub(in super::super) enum Fit {
    #[default]
    Plain,
    /// The first column has no name: row names of statistics programs.
    UnnamedFirst,
    /// So many columns at the end have no name.
    UnnamedLast(usize),
    /// Records leave out empty cells at the end.
    Short,
}

/// The rows of a trial in their layout.
pub(super) struct Table<'a> {
    pub rules: &'a Rules,
    pub text: &'a [u8],
    pub complete: bool,
    pub trial: &'a Trial,
    pub layout: &'a Layout,
    /// Physical lines before the text.
    pub skipped: u64,
    pub glass: Glass<'a>,
}

impl<'a> Table<'a> {
    pub(super) fn head(&self) -> Option<&'a Row> {
        self.trial.rows.get(self.layout.first)
    }

    pub(super) fn below(&self) -> &'a [Row] {
        self.trial.rows.get(self.layout.first + 1..).unwrap_or_default()
    }

    /// Records below the head whose cells were looked at.
    fn seen(&self) -> impl Iterator<Item = &'a Row> {
        let head = self.head();
        let all_values = self.trial.all_values();
        self.below().iter().filter(move |row| {
            !row.kinds.is_empty() && (all_values || head.is_some_and(|head| same_width(head, row)))
        })
    }

    fn line(&self, row: &Row) -> u64 {
        self.skipped + row.line + 1
    }

    fn note(&self, code: CsvCode, row: &Row, reason: String) -> Note {
        let line_number = i64::try_from(self.line(row)).unwrap_or(i64::MAX);
        Note { code: code.into(), line_number, count: 1, reason }
    }

    pub(super) fn cells(&self, row: &Row) -> Vec<&'a [u8]> {
        let mut fields: Vec<Field> = Vec::new();
        let rest = self.text.get(row.start..).unwrap_or_default();
        match self.rules.record(rest, self.complete, &mut fields) {
            Parsed::Record(_) => {
                fields.iter().map(|f| rest.get(f.start..f.end).unwrap_or_default().trim_ascii()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Does the first row name the columns? A cell that is of the same kind as all cells below it speaks against it,
    /// a word above values for it.
    pub(super) fn header(&self) -> HeaderLook {
        let look = |present, confidence, why: &str| HeaderLook { present, confidence, why: why.to_owned() };
        let Some(head) = self.head() else {
            return look(true, Confidence::Medium, "the first row of the table is taken as header");
        };
        if head.hits >= 2 && head.hits * 3 >= head.filled || head.hits > 0 && head.values == 0 {
            let why = format!("{} of its cells are names of known fields", head.hits);
            return HeaderLook { present: true, confidence: Confidence::High, why };
        }
        let known = |row: &&Row| row.hits >= 2 && row.hits * 2 >= row.filled;
        if head.hits == 0
            && head.values > 0
            && let Some(row) = self.below().iter().find(known)
        {
            let why = format!(
                "it holds data, and a line of known names stands below it, in line {}",
                self.line(row)
            );
            return HeaderLook { present: false, confidence: Confidence::Low, why };
        }
        let (mut same, mut named, mut below) = (0_usize, 0_usize, 0_usize);
        let labels = are_labels(&self.cells(head));
        for (column, own) in head.kinds.iter().enumerate() {
            let kinds: Vec<Kind> = self
                .seen()
                .filter_map(|row| row.kinds.get(column).copied())
                .filter(|k| *k != Kind::Empty)
                .collect();
            below += kinds.len();
            let count = |like: &dyn Fn(Kind) -> bool| kinds.iter().filter(|k| like(**k)).count();
            let most = |n: usize| !kinds.is_empty() && n * 10 >= kinds.len() * 9;
            let number = matches!(own, Kind::Digits(_) | Kind::Number);
            if own.is_value() {
                same += usize::from(most(count(&|k| k.like(*own))) && !(number && labels));
            } else if *own == Kind::Text {
                named += usize::from(most(count(&Kind::is_value)));
            }
        }
        let alone = below == 0 && head.values > 0 && !labels;
        if !head.bad && named == 0 && (same > 0 || alone) {
            let why = match same {
                0 => format!("{} cells of the only line hold data", head.values),
                n => format!("{n} cells of the first line hold data of the same kind as the lines below it"),
            };
            let sure = head.kinds.iter().any(|k| matches!(k, Kind::Email | Kind::Date | Kind::Link));
            let confidence = if sure { Confidence::Medium } else { Confidence::Low };
            return HeaderLook { present: false, confidence, why };
        }
        if head.values > 0 {
            let why = format!(
                "assumed, but {} of its cells look like data: say so if the file has no header",
                head.values
            );
            return HeaderLook { present: true, confidence: Confidence::Low, why };
        }
        if head.header_like {
            return look(true, Confidence::High, "all its cells read as names");
        }
        look(true, Confidence::Medium, "the first row of the table is taken as header")
    }

    /// How the names of the header and the cells of the records go together, where they do not at once.
    pub(super) fn fit(&self) -> Fit {
        let Some(head) = self.head() else { return Fit::Plain };
        let body: Vec<&Row> = self.below().iter().filter(|row| !row.bad && !row.comment).collect();
        let names = head.header_like || head.hits >= 2 || head.values == 0 && head.filled == head.fields;
        if head.bad || !names || body.len() < 2 {
            return Fit::Plain;
        }
        let of_width =
            |width: usize| body.iter().filter(|row| row.fields == width).count() * 10 >= body.len() * 9;
        let more = body.first().map_or(0, |row| row.fields.saturating_sub(head.fields));
        if more > 0 && of_width(head.fields + more) && body.iter().any(|row| row.last_filled > head.fields) {
            if more == 1 && self.has_row_names(head, &body) {
                return Fit::UnnamedFirst;
            }
            // `Lee, Ann` without quotes in every row is not a column more.
            let tight = self.trial.spaced == 0 || self.rules.blank_after_delimiter;
            return if tight && head.fields >= 2 { Fit::UnnamedLast(more) } else { Fit::Plain };
        }
        let first = body.first().map_or(0, |row| row.fields);
        if self.layout.agreeing == 0.0 && first >= 2 && first < head.fields && of_width(first) {
            return Fit::Short;
        }
        if is_cut_off(head, &body) { Fit::Short } else { Fit::Plain }
    }

    /// The first cells count the rows, or name them beside numbers only.
    fn has_row_names(&self, head: &Row, body: &[&Row]) -> bool {
        let labels: Vec<Vec<u8>> = body
            .iter()
            .take(50)
            .map(|row| self.cells(row).first().map_or(Vec::new(), |cell| cell.to_vec()))
            .collect();
        let numbers: Option<Vec<u64>> =
            labels.iter().map(|label| std::str::from_utf8(label).ok()?.parse().ok()).collect();
        if let Some(numbers) = numbers {
            let names = self.cells(head);
            let first = names.first().map_or(String::new(), |n| String::from_utf8_lossy(n).to_lowercase());
            let numbered = ["id", "no", "nr", "#", "key"]
                .iter()
                .any(|n| first == *n || first.ends_with(&format!("_{n}")));
            let counts =
                numbers.windows(2).all(|pair| matches!(pair, [a, b] if a.checked_add(1) == Some(*b)));
            return counts && numbers.first().is_some_and(|n| *n <= 1) && !numbered;
        }
        let mut unique = labels.clone();
        unique.sort_unstable();
        unique.dedup();
        let beside = |row: &&Row| row.kinds.iter().skip(1).all(|k| k.is_value() || *k == Kind::Empty);
        unique.len() == labels.len()
            && body.iter().filter(|row| !row.kinds.is_empty()).all(beside)
            && body.iter().all(|row| row.kinds.first().is_none_or(|k| *k == Kind::Text))
    }

    /// Lines that are not read as ordinary records, in their order, and what there is to say about the file.
    pub(super) fn marks(&self, header: bool) -> Marks<'a> {
        let (mut marks, mut notes, mut otherwise) = (Vec::new(), Vec::new(), Vec::new());
        let titles = self.trial.rows.get(..self.layout.first).unwrap_or_default();
        if let Some(title) = titles.iter().find(|row| row.filled >= 2 && !row.comment) {
            let reason = format!(
                "{} lines above the header are passed over, some of them with several cells",
                self.head().map_or(0, |head| head.line - titles.first().map_or(0, |t| t.line))
            );
            notes.push(self.note(CsvCode::LinesPassed, title, reason));
        }
        let (mut below, mut contradicted) = (0, false);
        if header {
            while let Some(row) = self.below().get(below).filter(|_| below < 4) {
                if self.explains(row, below) {
                    marks.push(Mark { line: self.line(row), what: Marked::PassOver });
                    let reason =
                        "the line below the header holds units, types or explanations, and is passed over";
                    notes.push(self.note(CsvCode::LinesPassed, row, reason.to_owned()));
                } else if self.otherwise(row) == Some(Otherwise::Crossed) {
                    let what = Marked::OtherTable(SecondHeader::Order { near: true });
                    marks.push(Mark { line: self.line(row), what });
                    contradicted = true;
                    break;
                } else if self.otherwise(row) == Some(Otherwise::InPlace) {
                    marks.push(Mark { line: self.line(row), what: Marked::PassOver });
                    let reason = "the line below the header names its columns in other words, and is passed over; \
                                  skip the lines above it (skip_lines) to read by its names";
                    notes.push(self.note(CsvCode::LinesPassed, row, reason.to_owned()));
                    otherwise.push(row);
                } else if !self.names_again(row) {
                    break;
                }
                below += 1;
            }
        }
        if let Some(other) = self.second_table(&otherwise).filter(|_| !contradicted) {
            let what = Marked::OtherTable(self.second_header(other));
            marks.push(Mark { line: self.line(other), what });
        }
        for (row, column) in self.shifted(below) {
            marks.push(Mark { line: self.line(row), what: Marked::Shifted(column) });
        }
        marks.sort_by_key(|mark| mark.line);
        marks.dedup_by_key(|mark| mark.line);
        Marks { marks, notes, otherwise }
    }

    /// The header in other letters: `first_name` below `First name`.
    fn names_again(&self, row: &Row) -> bool {
        let known = row.hits >= 2 && row.hits * 10 >= row.filled * 6;
        known || self.head().is_some_and(|head| self.is_the_same(head, row))
    }

    pub(super) fn is_the_same(&self, head: &Row, row: &Row) -> bool {
        self.cells(head).iter().map(|c| folded(c)).eq(self.cells(row).iter().map(|c| folded(c)))
    }

    /// `(required),(a@b.c)` or `,cm,kg` below the names.
    fn explains(&self, row: &Row, below: usize) -> bool {
        let cells = self.cells(row);
        let filled: Vec<&&[u8]> = cells.iter().filter(|cell| !cell.is_empty()).collect();
        let bracketed = |cell: &&&[u8]| {
            matches!(
                (cell.first(), cell.last()),
                (Some(b'('), Some(b')')) | (Some(b'['), Some(b']')) | (Some(b'<'), Some(b'>'))
            )
        };
        if !filled.is_empty() && filled.iter().all(bracketed) && (filled.len() >= 2 || cells.len() == 1) {
            return true;
        }
        let word = |cell: &&&[u8]| {
            let word = String::from_utf8_lossy(cell).to_lowercase();
            let bare = word.split('(').next().unwrap_or_default().trim();
            UNITS_AND_TYPES.contains(&bare)
        };
        // A word above words, or above nothing at all, may be data; above numbers it is a unit.
        let above = |column: usize| {
            let later = || self.seen().skip(below + 1).filter_map(|row| row.kinds.get(column));
            later().any(|k| k.is_value()) && later().all(|k| k.is_value() || *k == Kind::Empty)
        };
        let mut words = row.kinds.iter().enumerate().filter(|(_, k)| **k == Kind::Text);
        !filled.is_empty() && filled.iter().all(word) && words.any(|(column, _)| above(column))
    }

    /// The usual kind of each column.
    pub(super) fn patterns(&self) -> Vec<Option<Kind>> {
        let rows: Vec<&Row> = self.seen().collect();
        if rows.len() < 3 {
            return Vec::new();
        }
        (0..self.head().map_or(0, |head| head.kinds.len())).map(|column| usual_kind(&rows, column)).collect()
    }

    /// Records in which a cell breaks the pattern of its column, and the next cell keeps it.
    fn shifted(&self, below: usize) -> Vec<(&'a Row, usize)> {
        let rows: Vec<&Row> = self.seen().skip(below).collect();
        let width = self.head().map_or(0, |head| head.kinds.len());
        let found: Vec<(&Row, usize)> = (0..width.saturating_sub(1))
            .flat_map(|column| {
                let usual = usual_kind(&rows, column);
                let next = usual_kind(&rows, column + 1);
                rows.iter().filter_map(move |row| {
                    let (here, there) = (*row.kinds.get(column)?, *row.kinds.get(column + 1)?);
                    let usual = usual?;
                    let moved = !here.like(usual)
                        && here != Kind::Empty
                        && there == usual
                        && !next.is_some_and(|next| next.like(usual));
                    moved.then_some((*row, column))
                })
            })
            .collect();
        // Where many rows do it, the columns are just like that.
        if found.len() * 10 > rows.len().max(10) * 4 { Vec::new() } else { found }
    }
}

/// The kind of data that all cells of a column hold but one in ten, if it is a kind of its own. Of few rows, all but one.
fn usual_kind(rows: &[&Row], column: usize) -> Option<Kind> {
    let mut tally: Vec<(Kind, usize)> = Vec::new();
    let mut all = 0;
    for kind in rows.iter().filter_map(|row| row.kinds.get(column).copied()).filter(|k| *k != Kind::Empty) {
        all += 1;
        match tally.iter_mut().find(|(k, _)| *k == kind) {
            Some((_, n)) => *n += 1,
            None => tally.push((kind, 1)),
        }
    }
    let (kind, same) = tally.into_iter().max_by_key(|(_, n)| *n)?;
    (kind.is_value() && same >= 2 && all - same <= (all / 10).max(1)).then_some(kind)
}

/// What stands below a header to say in what the column is measured, or what it holds.
const UNITS_AND_TYPES: [&str; 62] = [
    "%", "€", "$", "£", "°", "°c", "°f", "k", "m", "mm", "cm", "km", "m2", "m²", "m3", "m³", "km2", "km²",
    "in", "ft", "mi", "g", "mg", "kg", "t", "lb", "lbs", "oz", "l", "ml", "s", "sec", "ms", "min", "h", "hr",
    "hours", "days", "years", "km/h", "mph", "m/s", "hz", "khz", "pa", "hpa", "bar", "v", "a", "w", "kw",
    "kwh", "usd", "eur", "gbp", "text", "string", "number", "integer", "date", "varchar", "boolean",
];

/// Numbers that are names: years, or a count from column to column.
fn are_labels(cells: &[&[u8]]) -> bool {
    let numbers: Vec<u64> =
        cells.iter().filter_map(|cell| std::str::from_utf8(cell).ok()?.parse().ok()).collect();
    let years = numbers.iter().all(|n| (1900..2100).contains(n));
    let counted =
        numbers.len() >= 2 && numbers.windows(2).all(|p| matches!(p, [a, b] if a.checked_add(1) == Some(*b)));
    !numbers.is_empty() && (years || counted)
}

/// Many records are short, none is long, and no record ends in an empty cell: they were cut off there. Records that
/// were torn in two by a line break add up to whole ones instead.
fn is_cut_off(head: &Row, body: &[&Row]) -> bool {
    let short = body.iter().filter(|row| row.fields < head.fields).count();
    let ends_filled = body.iter().all(|row| row.fields == row.last_filled && row.fields <= head.fields);
    let torn = body
        .windows(2)
        .filter(|pair| {
            let sum: usize = pair.iter().map(|row| row.fields).sum();
            pair.iter().all(|row| row.fields < head.fields) && (sum == head.fields || sum == head.fields + 1)
        })
        .count();
    body.len() >= 3 && short >= 2 && short * 10 >= body.len() * 3 && ends_filled && torn * 3 <= short
}
