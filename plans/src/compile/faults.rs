//! Message and hint of values that cannot be read, where both depend on what is wrong with the value.

use super::columns::{told_column, told_kind};
use super::ident::{ident, literal};
use super::kinds::FieldKind;
use super::shape::FieldShape;

/// Message and hint of a value that cannot be read, where they depend on the value.
pub(super) fn words_of(field: &FieldShape, unparsed: &str) -> [Option<String>; 2] {
    match field.kind {
        FieldKind::Phone => phone_words(&field.name),
        FieldKind::Decimal => decimal_words(field),
        FieldKind::Enum => [None, Some(format!("enum_hint({unparsed}, {})", literal(&field.options.values)))],
        _ => [None, None],
    }
}

/// Why a number is none of its field, by the word of `number_problem`.
fn decimal_words(field: &FieldShape) -> [Option<String>; 2] {
    let (precision, scale) = (field.options.precision, field.options.scale);
    let faults = [
        (
            "scale",
            format!("{} has more than {scale} digits behind the point, and nothing is rounded", field.name),
            format!("write at most {scale} digits behind the point"),
        ),
        (
            "size",
            format!(
                "{} has more digits than its field: {precision}, {scale} of them behind the point",
                field.name
            ),
            "check the number".to_owned(),
        ),
    ];
    let told = ident(&told_column(&field.name));
    let case = |text: for<'a> fn(&'a (&'static str, String, String)) -> &'a String| {
        let whens: String = faults
            .iter()
            .map(|fault| format!(" WHEN {} THEN {}", literal(fault.0), literal(text(fault))))
            .collect();
        Some(format!("CASE {told}{whens} END"))
    };
    [case(|fault| &fault.1), case(|fault| &fault.2)]
}

fn phone_words(field: &str) -> [Option<String>; 2] {
    let kind = told_kind(&ident(&told_column(field)));
    let case = |whens: String| Some(format!("CASE {kind}{whens} END"));
    let message = |(word, what, _): &(&str, &str, &str)| {
        format!(
            " WHEN {} THEN {}",
            literal(word),
            literal(&format!("{field} cannot be read as a phone number: {what}"))
        )
    };
    [
        case(PHONE_FAULTS.iter().map(message).collect()),
        case(
            PHONE_FAULTS
                .iter()
                .map(|(word, _, hint)| format!(" WHEN {} THEN {}", literal(word), literal(hint)))
                .collect(),
        ),
    ]
}

/// Why a cell holds no telephone number, by the word of `phone_note`.
const PHONE_FAULTS: [(&str, &str, &str); 9] = [
    ("fax", "it is said to be a fax", "write a number that can be called"),
    ("wrong", "it is said to be wrong", "ask for the right number"),
    ("nothing", "there is no number in it", "write the number alone"),
    (
        "letters",
        "letters stand where digits belong",
        "write digits only; keep words in a column of their own",
    ),
    ("masked", "digits are masked", "ask for the whole number"),
    (
        "rounded",
        "a spreadsheet has made scientific notation of it, and digits are lost",
        "format the column as text in the spreadsheet and export it again",
    ),
    (
        "country",
        "it has no country code, and the country is not known",
        "write it with its country code, or correct the country",
    ),
    ("short", "it has too few digits", "write it whole, with area and country code"),
    (
        "long",
        "it has too many digits",
        "write it with its country code; several numbers stand apart by semicolons",
    ),
];
