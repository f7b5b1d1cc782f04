//! Rules that follow from the contract alone: what could not be read as its type, and what stands beside a value in its cell.

use super::columns::{EXTENSION, guarded_column, told_column, told_kind};
use super::faults::words_of;
use super::ident::{ident, literal};
use super::kinds::{self, FieldKind};
use super::landed::LATEST_DAY;
use super::references;
use super::shape::{BadValue, FieldShape, Shape};
use crate::project::{RuleMode, Severity};

/// A filter over staged rows that gives one violation per row.
pub(super) struct Filter {
    pub(super) code: String,
    pub(super) severity: Severity,
    pub(super) mode: RuleMode,
    pub(super) predicate: String,
    pub(super) field: String,
    pub(super) value: String,
    pub(super) message: String,
    pub(super) hint: String,
    /// Gives message and hint of a row, where they depend on it; NULL for the usual ones.
    pub(super) words: [Option<String>; 2],
}

/// A row without an external id, where the source requires one.
pub(super) fn without_id(shape: &Shape) -> Option<Filter> {
    let id = shape.roles.external_id.as_ref()?;
    Some(Filter {
        code: "STG_EXTERNAL_ID_REQUIRED".to_owned(),
        severity: Severity::Error,
        mode: RuleMode::Enforce,
        predicate: format!("{} IS NULL", ident(id)),
        field: literal(id),
        value: "NULL".to_owned(),
        message: "The row has no external id, and this source requires one".to_owned(),
        hint: "fill in the id that the record has in the source system, or write external_id: optional in the source file".to_owned(),
        words: [None, None],
    })
}

/// Violations that follow from the contract alone.
pub(super) fn built_in(shape: &Shape) -> Vec<Filter> {
    let mut filters = Vec::new();
    for field in &shape.fields {
        let unparsed = ident(&format!("{}_unparsed", field.name));
        let severity = match field.bad_value {
            BadValue::Error => Severity::Error,
            BadValue::Warn => Severity::Warn,
            BadValue::Rule => continue,
        };
        if !field.kind.can_fail() {
            continue;
        }
        if field.kind == FieldKind::Id {
            filters.push(spreadsheet_ids(field, severity));
        }
        let dated = field.kind.is_dated();
        let latest = if field.past { format!(", {LATEST_DAY}") } else { String::new() };
        let problem = format!("date_problem({unparsed}, $date_order{latest})");
        // Whatever the order, the year is the same.
        let early = field.first_day().map(|first| {
            let read =
                ["ymd", "dmy", "mdy"].map(|order| format!("parse_date({unparsed}, '{order}')")).join(", ");
            format!("coalesce({problem}, '') <> 'order' AND coalesce(coalesce({read}) < {first}, false)")
        });
        let ambiguous = match field.kind {
            FieldKind::Date => match &early {
                Some(early) => format!("coalesce({problem}, '') = 'ambiguous' AND NOT ({early})"),
                None => format!("coalesce({problem}, '') = 'ambiguous'"),
            },
            _ => format!("$date_order = 'auto' AND date_ambiguous({unparsed})"),
        };
        let plain = match field.kind {
            FieldKind::Date => format!(
                "{unparsed} IS NOT NULL AND NOT ({ambiguous}) AND coalesce({problem}, '') NOT IN ('order', 'serial', 'future'){}",
                early.as_ref().map_or(String::new(), |early| format!(" AND NOT ({early})"))
            ),
            FieldKind::Timestamp => format!(
                "{unparsed} IS NOT NULL AND NOT ({ambiguous}) AND coalesce({problem}, '') <> 'serial'"
            ),
            FieldKind::Id => format!("{unparsed} IS NOT NULL AND NOT scientific_notation({unparsed})"),
            FieldKind::Decimal => format!(
                "{unparsed} IS NOT NULL AND coalesce({}, '') NOT IN ('ambiguous', 'format')",
                ident(&told_column(&field.name))
            ),
            _ => format!("{unparsed} IS NOT NULL"),
        };
        if field.kind == FieldKind::Reference {
            filters.push(unresolved(field, severity, &unparsed));
            continue;
        }
        let words = words_of(field, &unparsed);
        let mut add = |code: &str, predicate: String, message: String, hint: &str| {
            filters.push(Filter {
                code: code.to_owned(),
                severity,
                mode: RuleMode::Enforce,
                predicate,
                field: literal(&field.name),
                value: unparsed.clone(),
                message,
                hint: hint.to_owned(),
                words: if code == "STG_CAST" { words.clone() } else { [None, None] },
            });
        };
        add(
            "STG_CAST",
            plain,
            format!("{} cannot be read as {}", field.name, kinds::word(field.kind, &field.options)),
            &kinds::hint(field.kind, &field.options),
        );
        if field.kind == FieldKind::Decimal {
            let told = ident(&told_column(&field.name));
            add(
                "STG_AMBIGUOUS_NUMBER",
                format!("{unparsed} IS NOT NULL AND {told} = 'ambiguous'"),
                format!("{} can be read with decimals and with thousands", field.name),
                "write it without marks between thousands and with a point before two decimals, such as 1234.50, or say what stands before decimals: --number-format (number_format in the source file)",
            );
            add(
                "STG_NUMBER_FORMAT",
                format!("{unparsed} IS NOT NULL AND {told} = 'format'"),
                format!(
                    "{} is a number, but not in the format in which this run reads the column",
                    field.name
                ),
                "write it as the other numbers of the column; if they are wrong, name their format: --number-format (number_format in the source file)",
            );
        }
        if field.kind == FieldKind::Date {
            add(
                "STG_DATE_ORDER",
                format!("{unparsed} IS NOT NULL AND {problem} = 'order'"),
                format!("{} is a date, but not in the order in which this run reads dates", field.name),
                "write YYYY-MM-DD; if most dates of the column are so, name their order: --date-order (date_order in the source file)",
            );
        }
        if dated {
            add(
                "STG_DATE_SERIAL",
                format!("{unparsed} IS NOT NULL AND {problem} = 'serial'"),
                format!("{} is the count of days by which a spreadsheet keeps a date", field.name),
                "give the column the format of a date in the spreadsheet (YYYY-MM-DD) and export it again; 32874 is 1990-01-01",
            );
        }
        if field.past {
            add(
                "STG_FUTURE_DATE",
                format!("{unparsed} IS NOT NULL AND {problem} = 'future'"),
                format!("{} lies in the future and is left out", field.name),
                "check the year",
            );
        }
        if let (Some(early), Some(year)) = (&early, field.since) {
            add(
                "STG_EARLY_DATE",
                format!("{unparsed} IS NOT NULL AND {early}"),
                format!("{} lies before {year} and is left out", field.name),
                "check the year; 1604 is written by address books that know no year, and a date of another calendar is to be given in the common one",
            );
        }
        if dated {
            add(
                "STG_AMBIGUOUS_DATE",
                format!("{unparsed} IS NOT NULL AND {ambiguous}"),
                format!("{} can be read as day/month and as month/day", field.name),
                "write YYYY-MM-DD, or say which it is for the whole source: --date-order dmy or mdy (date_order in the source file)",
            );
        }
    }
    filters.extend(doubtful_names(shape));
    filters.extend(shape.core_fields().filter(|field| field.kind == FieldKind::Name).map(empty_name));
    if let Some(field) = &shape.roles.source_updated_at {
        filters.push(Filter {
            code: "STG_FUTURE_TIMESTAMP".to_owned(),
            severity: Severity::Warn,
            mode: RuleMode::Enforce,
            predicate: format!("{} > $latest_at", ident(field)),
            field: literal(field),
            value: format!("CAST({} AS VARCHAR)", ident(field)),
            message: format!("{field} lies more than 24 hours ahead; the time of landing is used instead"),
            hint: "check the clock and the time zone of the source".to_owned(),
            words: [None, None],
        });
    }
    filters.extend(shape.fields.iter().filter(|field| field.kind.is_contact()).flat_map(beside));
    filters
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

/// An id that a spreadsheet has turned into a number and shows in scientific notation: its last digits are lost.
fn spreadsheet_ids(field: &FieldShape, severity: Severity) -> Filter {
    let unparsed = ident(&format!("{}_unparsed", field.name));
    Filter {
        code: "STG_ID_SCIENTIFIC".to_owned(),
        severity,
        mode: RuleMode::Enforce,
        predicate: format!("{unparsed} IS NOT NULL AND scientific_notation({unparsed})"),
        field: literal(&field.name),
        value: unparsed,
        message: format!(
            "{} stands in scientific notation, as a spreadsheet shows long numbers: its last digits are lost, and it is taken for no id",
            field.name
        ),
        hint: "export the list again and do not open it in a spreadsheet program, or give the column the format Text before the ids go in".to_owned(),
        words: [None, None],
    }
}

/// What was taken off external ids, told once: with how many there are, and the first of them.
pub(super) fn guarded_ids(shape: &Shape) -> Option<String> {
    let field = shape.fields.iter().find(|field| field.kind == FieldKind::Id)?;
    let (name, guarded) = (ident(&field.name), ident(&guarded_column(&field.name)));
    Some(format!(
        "SELECT min(sequence_number) AS sequence_number, 'STG_ID_GUARD' AS rule_code, 'info' AS severity, 'enforce' AS mode, {field} AS field,\n       first_value({name} ORDER BY sequence_number) AS value,\n       concat('In ', CAST(count(*) AS VARCHAR), ' cells of {plain}, what spreadsheets and exports wrap around an id was taken off (blanks, an apostrophe, =\"…\", .0)') AS message,\n       'nothing to do if the value is the id of the record; leading zeros are kept' AS hint\nFROM staged\nWHERE {guarded} IS NOT NULL\nHAVING count(*) > 0",
        field = literal(&field.name),
        plain = field.name,
    ))
}

/// A name that is also a word for nothing. Somebody new may be called so; whoever is known by another name is not.
fn empty_name(field: &FieldShape) -> Filter {
    let name = ident(&field.name);
    Filter {
        code: "STG_NAME_EMPTY".to_owned(),
        severity: Severity::Info,
        mode: RuleMode::Enforce,
        predicate: format!("{name} IS NOT NULL AND null_if_word({name}, 'text') IS NULL"),
        field: literal(&field.name),
        value: name,
        message: format!(
            "{} looks like a word for nothing: it is kept as a name of somebody new, and never replaces a name that is known",
            field.name
        ),
        hint: "leave the cell empty, unless it is the name of the person".to_owned(),
        words: [None, None],
    }
}

/// A full name that was split, but may be split wrongly.
fn doubtful_names(shape: &Shape) -> Option<Filter> {
    let given = shape.given.as_ref()?;
    let whole = shape.field(given)?.satisfied_by.as_ref()?;
    // A single word is not split.
    let words = |of_family: &str, of_given: &str| {
        format!(
            "CASE WHEN name_family({0}) IS NULL THEN {1} WHEN name_given({0}) IS NULL THEN {2} END",
            ident(whole),
            literal(of_family),
            literal(of_given)
        )
    };
    Some(Filter {
        code: "STG_NAME_SPLIT".to_owned(),
        severity: Severity::Warn,
        mode: RuleMode::Enforce,
        predicate: format!(
            "{0} IS NOT NULL AND name_split_doubtful({0}) AND ({1} IS NOT DISTINCT FROM name_given({0}))",
            ident(whole),
            ident(given)
        ),
        field: literal(whole),
        value: ident(whole),
        message: "The name was split into given and family name, and may be split wrongly".to_owned(),
        hint: "give the names in two columns, or write \"Family, Given\"".to_owned(),
        words: [
            Some(words(
                "The name has one part only, which is taken for the given name",
                "The name has one part only, which is taken for the family name",
            )),
            Some(words(
                "write the family name as well, if there is one",
                "write the given name as well, if there is one",
            )),
        ],
    })
}

/// What stands beside a number or an address in its cell, by the word of `phone_note` or `email_note`.
const BESIDE: [(&str, Severity, &str, &str); 9] = [
    (
        "doubtful",
        Severity::Warn,
        "Words beside {field} say that it may not be the one to call",
        "look whether it may be called",
    ),
    (
        "unread",
        Severity::Warn,
        "A part of {field} is not valid and is left out",
        "correct it; several values stand apart by semicolons",
    ),
    (
        "none to call",
        Severity::Warn,
        "A number in {field} is a fax or said to be wrong, and is left out",
        "nothing is to be done, unless somebody answers there",
    ),
    (
        "second line",
        Severity::Warn,
        "{field} has a second line in short form, which is left out",
        "write its whole number, behind a semicolon",
    ),
    (
        EXTENSION,
        Severity::Info,
        "{field} has an extension, which is left out",
        "keep extensions in a column of their own",
    ),
    ("remark", Severity::Info, "Words beside {field} are left out", "keep remarks in a column of their own"),
    (
        "mended",
        Severity::Info,
        "A slip in {field} was mended",
        "look whether the value is the one that was meant",
    ),
    (
        "several",
        Severity::Info,
        "{field} holds several values: the first is the main one{others}",
        "nothing is to be done, unless another one is to be the main one",
    ),
    (
        "guard",
        Severity::Info,
        "What a spreadsheet or an export had put around {field} was taken off",
        "nothing is to be done",
    ),
];

/// Nothing that stands in a cell is forgotten in silence.
fn beside(field: &FieldShape) -> Vec<Filter> {
    let told = ident(&told_column(&field.name));
    let kind = told_kind(&told);
    // A list says what it leaves out by its own rule, and holds several values by its nature.
    let speaks = |word: &str| !(field.is_list() && matches!(word, "unread" | "none to call" | "several"));
    let others =
        if field.set.is_some() { ", the others are further ones" } else { ", the others are left out" };
    [Severity::Warn, Severity::Info]
        .into_iter()
        .filter_map(|severity| {
            let kinds: Vec<_> =
                BESIDE.iter().filter(|(word, s, ..)| *s == severity && speaks(word)).collect();
            let case = |text: fn(&(&str, Severity, &str, &str)) -> String| {
                let whens: String = kinds
                    .iter()
                    .map(|told| {
                        let text = text(told).replace("{field}", &field.name).replace("{others}", others);
                        format!(" WHEN {} THEN {}", literal(told.0), literal(&text))
                    })
                    .collect();
                format!("CASE {kind}{whens} END")
            };
            let words: Vec<String> = kinds.iter().map(|(word, ..)| literal(word)).collect();
            (!words.is_empty()).then(|| Filter {
                code: "STG_CELL_PARTS".to_owned(),
                severity,
                mode: RuleMode::Enforce,
                predicate: format!("{told} IS NOT NULL AND {kind} IN ({})", words.join(", ")),
                field: literal(&field.name),
                value: format!("substr({told}, strpos({told}, ': ') + 2)"),
                message: format!("{} holds more than its value", field.name),
                hint: "keep one value in a cell, and remarks in a column of their own".to_owned(),
                words: [Some(case(|told| told.2.to_owned())), Some(case(|told| told.3.to_owned()))],
            })
        })
        .collect()
}
