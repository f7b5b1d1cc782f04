//! What names say that may be meant otherwise.

use super::super::ident::{ident, literal};
use super::super::shape::{FieldShape, Shape};
use super::filter::Filter;
use crate::project::{RuleMode, Severity};

/// A name that is also a word for nothing. Somebody new may be called so; whoever is known by another name is not.
pub(super) fn empty(field: &FieldShape) -> Filter {
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
pub(super) fn doubtful(shape: &Shape) -> Option<Filter> {
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
