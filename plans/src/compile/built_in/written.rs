//! What was written into a field and cannot be read as its type.

use super::super::columns::told_column;
use super::super::faults::words_of;
use super::super::ident::{ident, literal};
use super::super::kinds::{self, FieldKind};
use super::super::landed::LATEST_DAY;
use super::super::references;
use super::super::shape::{BadValue, FieldShape};
use super::filter::Filter;
use crate::project::{RuleMode, Severity};

/// One thing that may be wrong with what was written, and what is said then.
struct Wrong {
    code: &'static str,
    /// The fields of which it is said.
    of: fn(&FieldShape) -> bool,
    when: When,
    /// `{field}` is the name of the field, `{kind}` what it holds, `{since}` its first year.
    message: &'static str,
    /// `{how}` is how its values are written.
    hint: &'static str,
}

/// When it is said, beside that something was written and not read.
enum When {
    /// What the reading told is this word.
    Told(&'static str),
    /// What is wrong with the date is this word.
    Problem(&'static str),
    /// By a condition; nothing where that something was not read is all of it.
    Is(fn(&Written<'_>) -> Option<String>),
}

/// In the order in which they are told.
const WRONG: [Wrong; 9] = [
    // Its last digits are lost.
    Wrong {
        code: "STG_ID_SCIENTIFIC",
        of: |field| field.kind == FieldKind::Id,
        when: When::Is(|written| Some(format!("scientific_notation({})", written.unparsed))),
        message: "{field} stands in scientific notation, as a spreadsheet shows long numbers: its last digits are lost, and it is taken for no id",
        hint: "export the list again and do not open it in a spreadsheet program, or give the column the format Text before the ids go in",
    },
    Wrong {
        code: CAST,
        of: |_| true,
        when: When::Is(|written| written.nothing_else()),
        message: "{field} cannot be read as {kind}",
        hint: "{how}",
    },
    Wrong {
        code: "STG_AMBIGUOUS_NUMBER",
        of: |field| field.value_kind() == FieldKind::Decimal,
        when: When::Told("ambiguous"),
        message: "{field} can be read with decimals and with thousands",
        hint: "write it without marks between thousands and with a point before two decimals, such as 1234.50, or say what stands before decimals: --number-format (number_format in the source file)",
    },
    Wrong {
        code: "STG_NUMBER_FORMAT",
        of: |field| field.value_kind() == FieldKind::Decimal,
        when: When::Told("format"),
        message: "{field} is a number, but not in the format in which this run reads the column",
        hint: "write it as the other numbers of the column; if they are wrong, name their format: --number-format (number_format in the source file)",
    },
    Wrong {
        code: "STG_DATE_ORDER",
        of: |field| field.kind == FieldKind::Date,
        when: When::Problem("order"),
        message: "{field} is a date, but not in the order in which this run reads dates",
        hint: "write YYYY-MM-DD; if most dates of the column are so, name their order: --date-order (date_order in the source file)",
    },
    Wrong {
        code: "STG_DATE_SERIAL",
        of: |field| field.kind.is_dated(),
        when: When::Problem("serial"),
        message: "{field} is the count of days by which a spreadsheet keeps a date",
        hint: "give the column the format of a date in the spreadsheet (YYYY-MM-DD) and export it again; 32874 is 1990-01-01",
    },
    Wrong {
        code: "STG_FUTURE_DATE",
        of: |field| field.past,
        when: When::Problem("future"),
        message: "{field} lies in the future and is left out",
        hint: "check the year",
    },
    Wrong {
        code: "STG_EARLY_DATE",
        of: |field| field.since.is_some(),
        when: When::Is(|written| written.early.clone()),
        message: "{field} lies before {since} and is left out",
        hint: "check the year; 1604 is written by address books that know no year, and a date of another calendar is to be given in the common one",
    },
    Wrong {
        code: "STG_AMBIGUOUS_DATE",
        of: |field| field.kind.is_dated(),
        when: When::Is(|written| Some(written.ambiguous.clone())),
        message: "{field} can be read as day/month and as month/day",
        hint: "write YYYY-MM-DD, or say which it is for the whole source: --date-order dmy or mdy (date_order in the source file)",
    },
];

/// Nothing more is known than that it cannot be read.
const CAST: &str = "STG_CAST";

/// What was written into a field and not read, as expressions.
struct Written<'a> {
    field: &'a FieldShape,
    unparsed: String,
    /// What the reading of the value told beside it.
    told: String,
    /// What is wrong with a date.
    problem: String,
    /// It is a date before the first of the field.
    early: Option<String>,
    /// It is a date that is another one in another order.
    ambiguous: String,
}

impl<'a> Written<'a> {
    fn of(field: &'a FieldShape) -> Self {
        let unparsed = ident(&format!("{}_unparsed", field.name));
        let latest = if field.past { format!(", {LATEST_DAY}") } else { String::new() };
        let problem = format!("date_problem({unparsed}, $date_order{latest})");
        // Whatever the order, the year is the same.
        let early = field.first_day().map(|first| {
            let read =
                ["ymd", "dmy", "mdy"].map(|order| format!("parse_date({unparsed}, '{order}')")).join(", ");
            format!("coalesce({problem}, '') <> 'order' AND coalesce(coalesce({read}) < {first}, false)")
        });
        let ambiguous = match (field.kind, &early) {
            (FieldKind::Date, Some(early)) => {
                format!("coalesce({problem}, '') = 'ambiguous' AND NOT ({early})")
            }
            (FieldKind::Date, None) => format!("coalesce({problem}, '') = 'ambiguous'"),
            _ => format!("$date_order = 'auto' AND date_ambiguous({unparsed})"),
        };
        Self { field, told: ident(&told_column(&field.name)), unparsed, problem, early, ambiguous }
    }

    /// None of what else is said of its kind.
    fn nothing_else(&self) -> Option<String> {
        let Self { field, unparsed, told, problem, early, ambiguous } = self;
        match field.kind {
            FieldKind::Date => Some(format!(
                "NOT ({ambiguous}) AND coalesce({problem}, '') NOT IN ('order', 'serial', 'future'){}",
                early.as_ref().map_or(String::new(), |early| format!(" AND NOT ({early})"))
            )),
            FieldKind::Timestamp => {
                Some(format!("NOT ({ambiguous}) AND coalesce({problem}, '') <> 'serial'"))
            }
            FieldKind::Id => Some(format!("NOT scientific_notation({unparsed})")),
            _ if field.value_kind() == FieldKind::Decimal => {
                Some(format!("coalesce({told}, '') NOT IN ('ambiguous', 'format')"))
            }
            _ => None,
        }
    }

    /// The rule for one thing that may be wrong with it.
    fn filter(&self, wrong: &Wrong, severity: Severity) -> Filter {
        let Self { field, unparsed, .. } = self;
        let since = field.since.map_or(String::new(), |year| year.to_string());
        // What may hold braces of its own goes in last.
        let message = wrong.message.replace("{field}", &field.name).replace("{since}", &since);
        let when = match wrong.when {
            When::Told(word) => Some(format!("{} = {}", self.told, literal(word))),
            When::Problem(word) => Some(format!("{} = {}", self.problem, literal(word))),
            When::Is(condition) => condition(self),
        };
        let condition = when.map_or(String::new(), |when| format!(" AND {when}"));
        Filter {
            code: wrong.code.to_owned(),
            severity,
            mode: RuleMode::Enforce,
            predicate: format!("{unparsed} IS NOT NULL{condition}"),
            field: literal(&field.name),
            value: unparsed.clone(),
            message: message.replace("{kind}", &kinds::word(field.kind, &field.options)),
            hint: wrong.hint.replace("{how}", &kinds::hint(field.kind, &field.options)),
            words: if wrong.code == CAST { words_of(field, unparsed) } else { [None, None] },
        }
    }
}

/// What may be wrong with what was written into a field.
pub(super) fn wrong(field: &FieldShape) -> Vec<Filter> {
    let severity = match field.bad_value {
        BadValue::Error => Severity::Error,
        BadValue::Warn => Severity::Warn,
        BadValue::Rule => return Vec::new(),
    };
    if !field.kind.can_fail() {
        return Vec::new();
    }
    let written = Written::of(field);
    if field.kind == FieldKind::Reference {
        return vec![unresolved(field, severity, &written.unparsed)];
    }
    WRONG.iter().filter(|wrong| (wrong.of)(field)).map(|wrong| written.filter(wrong, severity)).collect()
}

/// A row that names a record of another entity which is not there, or several.
fn unresolved(field: &FieldShape, severity: Severity, unparsed: &str) -> Filter {
    let [[message, hint], several] = references::words(field);
    let told = ident(&told_column(&field.name));
    Filter {
        code: references::UNRESOLVED.to_owned(),
        severity,
        mode: RuleMode::Enforce,
        predicate: format!("{unparsed} IS NOT NULL"),
        field: literal(&field.name),
        value: unparsed.to_owned(),
        words: several.map(|text| Some(format!("CASE {told} WHEN 'several' THEN {} END", literal(&text)))),
        message,
        hint,
    }
}
