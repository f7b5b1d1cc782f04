//! What was decided for a file, as it is kept with it, and how its cells are read by it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::ident::{ident, literal};
use super::super::kinds::{FieldKind, How};
use super::super::shape::FieldShape;
use super::date_orders::FoundOrder;
use super::numbers::FoundFormat;

/// What was decided for one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileTexts {
    /// By column; most have nothing out of the ordinary and are not listed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ColumnTexts>,
    /// By contract field: the order of its dates, where its columns show one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub orders: BTreeMap<String, FoundOrder>,
    /// By contract field: what stands before the decimals of its numbers, where its columns or its source say it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub formats: BTreeMap<String, FoundFormat>,
    /// Contract fields with lists that come out of columns that are no text in their source: written out in one way.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub written_out: BTreeSet<String>,
}

/// How the cells of a column are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnTexts {
    /// Some say that there is nothing: the words beside the shipped ones, separated by `|`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null_words: Option<String>,
    /// What `mend_text` is to undo.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mend: String,
    /// They hold day counts of a spreadsheet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub serials: bool,
    /// They are midnights of the run's time zone, written in UTC: the days are those that begin there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub midnights: bool,
    /// Some have lost letters.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lost: bool,
    /// Some may be Mac Roman and may be whole, and the file does not tell which.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub doubtful: bool,
    /// The file stands in another code page, as far as its signs tell: what of its letters is in doubt, as a word of
    /// `text_damaged`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub misread: String,
    /// The column beside it that says what kind of line a number is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_kind: Option<String>,
}

/// Kinds of lines that nobody answers.
const NOBODY_ANSWERS: &str = "(?i)fax|faks|факс|pager|beeper|funkruf|telex|\\btty\\b|\\btdd\\b";

/// What `cell_text` puts between the values of a list.
const WRITTEN_OUT: &str = ";";

impl FileTexts {
    /// How the cells of a field are read, where they alone do not say.
    pub(in crate::compile) fn how<'a>(&'a self, field: &'a FieldShape) -> How<'a> {
        How {
            order: self.orders.get(&field.name).and_then(|order| order.argument()).unwrap_or("$date_order"),
            format: self.formats.get(&field.name).map_or("auto", |format| format.argument()),
            separators: match self.written_out.contains(&field.name) {
                true => WRITTEN_OUT,
                false => &field.options.separators,
            },
        }
    }

    /// A cell of `landed` as it is read.
    pub(in crate::compile) fn cell(&self, field: &FieldShape, column: &str) -> String {
        let mut cell = format!("l.{}", ident(column));
        let Some(texts) = self.columns.get(column) else { return cell };
        if !texts.mend.is_empty() {
            cell = format!("mend_text({cell}, {})", literal(&texts.mend));
        }
        if let Some(further) = &texts.null_words {
            let further = if further.is_empty() { String::new() } else { format!(", {}", literal(further)) };
            let value = format!("null_if_word({cell}, {}{further})", literal(field.kind.cell()));
            // What an enum knows is a value, even if it is a word for nothing elsewhere.
            cell = match field.kind {
                FieldKind::Enum => format!(
                    "CASE WHEN enum_value({cell}, {}) IS NULL THEN {value} ELSE {cell} END",
                    literal(&field.options.values)
                ),
                _ => value,
            };
        }
        if texts.serials {
            cell = format!("date_of_serial({cell})");
        }
        if texts.midnights {
            cell = format!("date_in_zone({cell}, {}, $time_zone)", self.how(field).order);
        }
        // A name is held with its row; another text is left out, so that it never takes the place of a whole one.
        if field.kind == FieldKind::Text
            && let Some(test) = self.damage_test(column, &format!("l.{}", ident(column)))
        {
            cell = format!("CASE WHEN {test} THEN NULL ELSE {cell} END");
        }
        cell
    }

    /// Whether the column beside a telephone column says that nobody answers there: a condition.
    pub(in crate::compile) fn nobody_answers(&self, column: &str) -> Option<String> {
        let kind = self.columns.get(column)?.line_kind.as_ref()?;
        Some(format!("coalesce(regexp_like(l.{}, {}), false)", ident(kind), literal(NOBODY_ANSWERS)))
    }

    /// Whether a landed cell stays damaged, or may be: a condition, for columns that have such cells.
    pub(in crate::compile) fn damage_test(&self, column: &str, cell: &str) -> Option<String> {
        let texts = self.columns.get(column)?;
        let mended = |more: &str| {
            let words = [texts.mend.as_str(), more].join(" ");
            match words.trim() {
                "" => cell.to_owned(),
                words => format!("mend_text({cell}, {})", literal(words)),
            }
        };
        let lost = match texts.misread.as_str() {
            "" => texts.lost.then(|| format!("text_damaged({})", mended(""))),
            doubt => Some(format!("text_damaged({}, {})", mended(""), literal(doubt))),
        };
        let doubtful = texts.doubtful.then(|| format!("{} <> {}", mended("mac_all"), mended("")));
        match (lost, doubtful) {
            (None, one) | (one, None) => one,
            (Some(lost), Some(doubtful)) => Some(format!("({lost} OR {doubtful})")),
        }
    }

    /// Takes in what rows of the same file show that were written anew; what dates mean stays as it was decided.
    pub fn take_in(&mut self, rows: Self) {
        for (column, theirs) in rows.columns {
            let mine = self.columns.entry(column).or_default();
            mine.null_words = mine.null_words.take().or(theirs.null_words);
            if mine.mend.is_empty() {
                mine.mend = theirs.mend;
            }
            mine.line_kind = mine.line_kind.take().or(theirs.line_kind);
            mine.lost |= theirs.lost;
            mine.doubtful |= theirs.doubtful;
            if mine.misread.is_empty() {
                mine.misread = theirs.misread;
            }
        }
    }
}
