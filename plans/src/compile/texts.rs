//! What the cells of a landed file are read as, where a cell alone cannot tell: its columns are looked at as a whole first.
//!
//! [`survey_sql`] counts what each column shows, [`decide`] draws the conclusions, which are kept with the file, and
//! [`told`] puts them into words. Stage reads the cells as was decided; a file that shows nothing out of the ordinary costs
//! it nothing.

use std::collections::{BTreeMap, BTreeSet};

use importer_sql::functions::{ColumnSurvey, Seen};
use serde::{Deserialize, Serialize};

use super::columns::Columns;
use super::damage::{Whole, in_doubt, lost, perhaps_mac};
pub use super::date_orders::FoundOrder;
use super::date_orders::{self, dates_of, order};
use super::day_times;
use super::ident::{ident, literal};
use super::kinds::{FieldKind, How};
use super::numbers::{self, FoundFormat, holds_decimals};
use super::shape::{FieldShape, Shape};
use super::shares::is_nearly_all;
use crate::project::{DateOrder, NullWords, NumberFormat, Source};

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

/// What a source lets the columns of a file decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPolicy {
    pub null_words: NullWords,
    pub mend: bool,
    /// Nobody said in which order dates are.
    pub date_order_open: bool,
    /// What stands before the decimals of numbers.
    pub number_format: NumberFormat,
    /// Where local times are local, if that is not UTC.
    pub time_zone: Option<String>,
}

/// The time zone of a run that names none.
const UTC: &str = "UTC";

impl TextPolicy {
    /// As a source says, with the order of dates, the format of numbers and the time zone that its run agreed on.
    pub fn of(source: &Source, date_order: &str, number_format: NumberFormat, time_zone: &str) -> Self {
        Self {
            null_words: source.null_words.clone(),
            mend: source.mend_text,
            date_order_open: date_order == DateOrder::Auto.as_str(),
            number_format,
            time_zone: (time_zone != UTC).then(|| time_zone.to_owned()),
        }
    }

    /// The words for nothing of a field beside the shipped ones; `None` where it has none at all.
    fn further(&self, field: &FieldShape) -> Option<String> {
        let words = [&self.null_words, &field.null_words];
        if words.iter().any(|words| words.off) {
            return None;
        }
        Some(words.iter().flat_map(|words| words.further.iter().cloned()).collect::<Vec<_>>().join("|"))
    }
}

/// Every column that a field takes, with the field.
fn taken<'a>(shape: &'a Shape, columns: &'a Columns<'a>) -> impl Iterator<Item = (&'a FieldShape, &'a str)> {
    columns
        .iter()
        .filter_map(|(name, columns)| Some((shape.field(name)?, columns)))
        .flat_map(|(field, columns)| columns.iter().map(move |column| (field, *column)))
}

/// The columns of a survey, in the order of its columns.
pub fn surveyed<'a>(shape: &'a Shape, columns: &'a Columns<'a>) -> Vec<&'a str> {
    taken(shape, columns).map(|(_, column)| column).collect()
}

/// One row: what each column shows, as JSON. Nothing where no field takes a column.
pub fn survey_sql(shape: &Shape, table: &str, columns: &Columns<'_>, policy: &TextPolicy) -> Option<String> {
    let asked: Vec<String> = (1..)
        .zip(taken(shape, columns))
        .map(|(n, (field, column))| {
            let further = policy.further(field).filter(|words| !words.is_empty());
            let zone = policy.time_zone.as_ref().filter(|_| field.kind == FieldKind::Date);
            let further = match (further, zone) {
                (None, None) => String::new(),
                (Some(words), None) => format!(", {}", literal(&words)),
                (words, Some(zone)) => {
                    format!(", {}, {}", literal(&words.unwrap_or_default()), literal(zone))
                }
            };
            format!(
                "column_survey(l.line_number, l.{}, {}{further}) AS column_{n}",
                ident(column),
                literal(field.kind.cell())
            )
        })
        .collect();
    (!asked.is_empty()).then(|| format!("SELECT {}\nFROM {} l", asked.join(",\n       "), ident(table)))
}

/// The column that says what kind of line the numbers of a column are of, among those that no field takes: `Phone 1 - Type`
/// or `Phone 1 - Label` beside `Phone 1 - Value`, `phone_2_type` beside `phone_2`, `Telefontyp` beside `Telefon`.
fn line_kind(column: &str, others: &[String]) -> Option<String> {
    const KINDS: [&str; 5] = ["type", "label", "kind", "typ", "art"];
    let plain = |name: &str| -> String {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let name = plain(column);
    let name = name.strip_suffix("value").unwrap_or(&name);
    let is_kind = |other: &&String| plain(other).strip_prefix(name).is_some_and(|kind| KINDS.contains(&kind));
    others.iter().find(is_kind).cloned()
}

/// Decides how the cells of a file are read. `others` are the columns that no field takes.
pub fn decide(
    shape: &Shape,
    columns: &Columns<'_>,
    others: &[String],
    surveys: &BTreeMap<String, ColumnSurvey>,
    policy: &TextPolicy,
) -> FileTexts {
    let whole = Whole::of(surveys);
    let misread = whole.misread();
    let mut texts = FileTexts::default();
    for (field, column) in taken(shape, columns) {
        let Some(survey) = surveys.get(column) else { continue };
        let decided = ColumnTexts {
            null_words: policy.further(field).filter(|_| !survey.null_words.is_empty()),
            mend: if policy.mend { mends(survey, &whole) } else { String::new() },
            serials: field.kind == FieldKind::Date && is_of_serials(survey),
            midnights: field.kind == FieldKind::Date && day_times::are_midnights(survey),
            lost: policy.mend && !lost(survey, &whole).is_none(),
            doubtful: policy.mend
                && whole.mac > 0
                && !whole.is_mac()
                && survey.mac_perhaps.count > 0
                && matches!(field.kind, FieldKind::Name | FieldKind::Text),
            misread: if policy.mend && !in_doubt(survey, misread).is_none() {
                misread.to_owned()
            } else {
                String::new()
            },
            line_kind: match field.kind {
                FieldKind::Phone | FieldKind::PhoneList => line_kind(column, others),
                _ => None,
            },
        };
        if decided != ColumnTexts::default() {
            texts.columns.insert(column.to_owned(), decided);
        }
    }
    if policy.date_order_open {
        texts.orders = columns
            .iter()
            .filter_map(|(name, columns)| Some((*name, order(&dates_of(columns, surveys))?)))
            .map(|(name, order)| (name.to_owned(), order))
            .collect();
    }
    for (name, columns) in columns {
        let Some(field) = shape.field(name).filter(|_| !columns.is_empty()) else { continue };
        let typed = columns.iter().all(|column| surveys.get(*column).is_some_and(|survey| survey.typed));
        if holds_decimals(field)
            && let Some(format) = numbers::format(columns, surveys, policy.number_format, typed)
        {
            texts.formats.insert((*name).to_owned(), format);
        }
        if typed && field.kind == FieldKind::List {
            texts.written_out.insert((*name).to_owned());
        }
    }
    texts
}

fn mends(survey: &ColumnSurvey, whole: &Whole) -> String {
    let mut words = Vec::new();
    if survey.entities.count > 0 {
        words.push("entities");
    }
    if whole.utf8 > 0 && survey.utf8_perhaps.count > 0 {
        words.push("utf8_all");
    } else if survey.utf8.count > 0 {
        words.push("utf8");
    }
    if whole.is_strange() {
        return words.join(" ");
    }
    if whole.is_mac() && survey.mac.count + survey.mac_perhaps.count > 0 {
        words.push("mac_all");
    } else if survey.mac.count > 0 {
        words.push("mac");
    }
    words.join(" ")
}

/// Three counts and hardly anything else: one alone may be any number.
fn is_of_serials(survey: &ColumnSurvey) -> bool {
    survey.serials.count >= 3 && is_nearly_all(survey, survey.serials.count)
}

/// Kinds of lines that nobody answers.
const NOBODY_ANSWERS: &str = "(?i)fax|faks|факс|pager|beeper|funkruf|telex|\\btty\\b|\\btdd\\b";

/// What `cell_text` puts between the values of a list.
const WRITTEN_OUT: &str = ";";

impl FileTexts {
    /// How the cells of a field are read, where they alone do not say.
    pub(super) fn how<'a>(&'a self, field: &'a FieldShape) -> How<'a> {
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
    pub(super) fn cell(&self, field: &FieldShape, column: &str) -> String {
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
    pub(super) fn nobody_answers(&self, column: &str) -> Option<String> {
        let kind = self.columns.get(column)?.line_kind.as_ref()?;
        Some(format!("coalesce(regexp_like(l.{}, {}), false)", ident(kind), literal(NOBODY_ANSWERS)))
    }

    /// Whether a landed cell stays damaged, or may be: a condition, for columns that have such cells.
    pub(super) fn damage_test(&self, column: &str, cell: &str) -> Option<String> {
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

/// Columns that one sentence lists; the others are counted.
const LISTED: usize = 20;

/// What was decided for a file, in sentences.
pub fn told(
    file: &str,
    shape: &Shape,
    columns: &Columns<'_>,
    surveys: &BTreeMap<String, ColumnSurvey>,
    (texts, policy): (&FileTexts, &TextPolicy),
) -> Vec<String> {
    let whole = Whole::of(surveys);
    let mut told = Vec::new();
    let mut list = |what: &str, found: Vec<String>, then: &str| {
        if !found.is_empty() {
            let more = found.len().saturating_sub(LISTED);
            let more = if more > 0 { format!(", and {more} more columns") } else { String::new() };
            let shown: Vec<String> = found.into_iter().take(LISTED).collect();
            told.push(format!("{file}: {what}: {}{more}{then}", shown.join("; ")));
        }
    };
    let each = |text: &dyn Fn(&str, &ColumnSurvey, &ColumnTexts) -> Option<String>| -> Vec<String> {
        taken(shape, columns)
            .filter_map(|(_, column)| text(column, surveys.get(column)?, texts.columns.get(column)?))
            .collect()
    };
    list("cells that say that there is nothing are read as empty", each(&nothing), "");
    list("damaged text was mended", each(&mended), "");
    list(
        "text that has lost letters, or may have",
        each(&|column, survey, texts| {
            let mut all = if texts.lost { lost(survey, &whole) } else { Seen::default() };
            all.add(in_doubt(survey, &texts.misread));
            if texts.doubtful && texts.misread != "any" {
                all.add(perhaps_mac(survey));
            }
            (!all.is_none()).then(|| counted(column, all, ""))
        }),
        "; names so damaged hold their row, other texts are left out. Export the list as UTF-8, or name its encoding with --encoding",
    );
    list(
        "day counts of a spreadsheet are read as dates (32874 is 1990-01-01)",
        each(&|column, survey, texts| texts.serials.then(|| counted(column, survey.serials, ""))),
        "; workbooks that count from 1904 would be four years later",
    );
    list(
        "days written as midnights in UTC are those that begin in the time zone of the run",
        each(&|column, survey, texts| texts.midnights.then(|| counted(column, survey.midnights, ""))),
        "",
    );
    told.extend(
        taken(shape, columns)
            .filter(|(field, column)| {
                field.kind == FieldKind::Date
                    && !texts.columns.get(*column).is_some_and(|texts| texts.midnights)
            })
            .filter_map(|(_, column)| day_times::told(file, column, surveys.get(column)?)),
    );
    let dated = |name: &str| policy.date_order_open && shape.field(name).is_some_and(|f| f.kind.is_dated());
    for (field, columns) in columns.iter().filter(|(field, _)| dated(field)) {
        let dates = dates_of(columns, surveys);
        told.extend(date_orders::told(file, &columns.join(", "), &dates, texts.orders.get(*field).copied()));
    }
    let counted = |name: &str| {
        policy.number_format == NumberFormat::Auto && shape.field(name).is_some_and(holds_decimals)
    };
    for (field, columns) in columns.iter().filter(|(field, _)| counted(field)) {
        let typed = columns.iter().any(|column| surveys.get(*column).is_some_and(|survey| survey.typed));
        if !typed {
            told.extend(numbers::told(file, columns, surveys, texts.formats.get(*field).copied()));
        }
    }
    told
}

fn counted(column: &str, seen: Seen, what: &str) -> String {
    let what = if what.is_empty() { String::new() } else { format!("{what}; ") };
    format!("{column} {} ({what}first in line {})", seen.count, seen.line)
}

fn nothing(column: &str, survey: &ColumnSurvey, texts: &ColumnTexts) -> Option<String> {
    texts.null_words.as_ref()?;
    let mut all = Seen::default();
    survey.null_words.values().for_each(|seen| all.add(*seen));
    let words: Vec<&str> = survey.null_words.keys().map(String::as_str).take(8).collect();
    Some(counted(column, all, &words.join(", ")))
}

fn mended(column: &str, survey: &ColumnSurvey, texts: &ColumnTexts) -> Option<String> {
    let mut parts = Vec::new();
    let mut all = Seen::default();
    for word in texts.mend.split(' ').filter(|word| !word.is_empty()) {
        let (what, perhaps, sure) = match word {
            "entities" => ("HTML entities", Seen::default(), survey.entities),
            "utf8" => ("UTF-8 encoded twice", Seen::default(), survey.utf8),
            "utf8_all" => ("UTF-8 encoded twice", survey.utf8_perhaps, survey.utf8),
            "mac" => ("Mac Roman read as Windows-1252", Seen::default(), survey.mac),
            _ => ("Mac Roman read as Windows-1252", survey.mac_perhaps, survey.mac),
        };
        parts.push(what);
        all.add(sure);
        all.add(perhaps);
    }
    (!parts.is_empty()).then(|| counted(column, all, &parts.join(", ")))
}
