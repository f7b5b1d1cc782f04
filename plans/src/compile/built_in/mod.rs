//! Rules that follow from the contract alone: what could not be read as its type, and what stands beside a value in its cell.
//!
//! | file | what stands there |
//! | --- | --- |
//! | here | all of them, in their order; ids, and the times of the source |
//! | `filter` | one rule that is a plain filter |
//! | `written` | what was written into a field and cannot be read: a table of what may be wrong with it |
//! | `names` | names that may be meant otherwise |
//! | `beside` | what stands beside a value in its cell |

mod beside;
mod filter;
mod names;
mod written;

pub(super) use filter::Filter;

use super::columns::guarded_column;
use super::ident::{ident, literal};
use super::kinds::FieldKind;
use super::shape::Shape;
use crate::project::{RuleMode, Severity};

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
    let mut filters: Vec<Filter> = shape.fields.iter().flat_map(written::wrong).collect();
    filters.extend(names::doubtful(shape));
    filters.extend(shape.core_fields().filter(|field| field.kind == FieldKind::Name).map(names::empty));
    filters.extend(shape.roles.source_updated_at.as_deref().map(ahead));
    filters.extend(shape.fields.iter().filter(|field| field.kind.is_contact()).flat_map(beside::beside));
    filters
}

/// The source says that it wrote the row in the future.
fn ahead(field: &str) -> Filter {
    Filter {
        code: "STG_FUTURE_TIMESTAMP".to_owned(),
        severity: Severity::Warn,
        mode: RuleMode::Enforce,
        predicate: format!("{} > $latest_at", ident(field)),
        field: literal(field),
        value: format!("CAST({} AS VARCHAR)", ident(field)),
        message: format!("{field} lies more than 24 hours ahead; the time of landing is used instead"),
        hint: "check the clock and the time zone of the source".to_owned(),
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
