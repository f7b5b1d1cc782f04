//! What stands beside a value in its cell.

use super::super::columns::{told_column, told_kind};
use super::super::ident::{ident, literal};
use super::super::shape::FieldShape;
use super::filter::Filter;
use crate::project::{RuleMode, Severity};

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
        "extension",
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
pub(super) fn beside(field: &FieldShape) -> Vec<Filter> {
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
