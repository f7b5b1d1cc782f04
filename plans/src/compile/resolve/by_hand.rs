//! What people have set: it holds from now on, and outranks every source.

use super::super::ident::{f, ident, literal};
use super::super::kinds::FieldKind;
use super::super::query::{Keep, Query};
use super::super::shape::{FieldShape, Shape};
use super::super::survivorship::follows;
use super::says::says_something;
use crate::project::ResolveSpec;

/// The time of the run. A parameter has no type of its own where two queries are united, so it is given one.
pub(super) const NOW: &str = "arrow_cast($loaded_at, 'Timestamp(Microsecond, Some(\"UTC\"))')";

/// Who gave a value that a person has set.
pub(super) const BY_HAND: &str = "'manual'";

/// What people have set in a row.
pub(super) const ORIGINS: &str = "\nLEFT JOIN origins e ON e.sequence_number = s.sequence_number";

/// Whether the entry `e` in `origins` says that a person gave this field of the row `s` a value.
fn filled_by_hand(field: &FieldShape) -> String {
    let name = literal(&format!("|{}|", field.name));
    format!("coalesce(strpos(e.manual, {name}) > 0, false) AND s.{} IS NOT NULL", ident(&field.name))
}

/// Whether a person has set this field of the row `s`, so that it holds from now on. A field that was emptied says nothing
/// about the person, and neither does what stands in for a value: no later address would replace it. `is_new` says whether
/// the row is the first of its person, who may be called Null.
pub(super) fn set_by_hand(shape: &Shape, field: &FieldShape, is_new: &str) -> String {
    let filled = filled_by_hand(field);
    match says_something(shape, field, &format!("s.{}", ident(&field.name))) {
        None => format!("({filled})"),
        Some(says) if field.kind == FieldKind::Name => format!("({filled} AND ({is_new} OR {says}))"),
        Some(says) => format!("({filled} AND {says})"),
    }
}

/// The fields that people have set, in rows of core rows that are known, to what says nothing: one row each, with how many
/// rows there are. Nothing where no field can be so.
pub fn nothing_by_hand(shape: &Shape) -> Option<String> {
    let counts: Vec<String> = shape
        .core_fields()
        .filter_map(|field| {
            let says = says_something(shape, field, &format!("s.{}", ident(&field.name)))?;
            Some(format!(
                "SELECT {} AS field, count(*) AS n\nFROM touched t\nJOIN staged s ON s.sequence_number = t.seq{ORIGINS}\nWHERE t.core_id IS NOT NULL AND t.outcome <> 'deleted' AND {} AND NOT ({says})",
                literal(&field.name),
                filled_by_hand(field)
            ))
        })
        .collect();
    (!counts.is_empty()).then(|| {
        format!("SELECT field, n\nFROM (\n{}\n)\nWHERE n > 0\nORDER BY field", counts.join("\nUNION ALL\n"))
    })
}

/// The provenance of a new core row: nothing but the fields that a person has set.
pub(super) fn fields_by_hand(shape: &Shape) -> String {
    let entries: Vec<String> = shape
        .core_fields()
        .map(|field| {
            format!(
                "CASE WHEN {} THEN provenance_entry({}, {BY_HAND}, {NOW}, true, CAST(NULL AS TIMESTAMP), s.sequence_number) END",
                set_by_hand(shape, field, "true"),
                literal(&field.name)
            )
        })
        .collect();
    format!("concat('{{', array_to_string(make_array({}), ','), '}}')", entries.join(", "))
}

/// Core rows with a field that a person has set, as a number: for most runs there are none, and nothing else is asked.
pub fn count_by_hand(shape: &Shape) -> String {
    let any: Vec<String> = shape.core_fields().map(|field| f(&field.name, "_manual")).collect();
    format!(
        "SELECT count(*) AS n\nFROM core_rows\nWHERE {}",
        if any.is_empty() { "false".to_owned() } else { any.join(" OR ") }
    )
}

/// Incoming rows that bring another value than one set by hand, which stays: one row each, with those fields.
pub fn manual_kept(shape: &Shape, spec: &ResolveSpec, any: bool) -> Query {
    let kept: Vec<(String, String)> = shape
        .core_fields()
        .filter(|field| follows(spec, &field.name).is_none())
        .map(|field| {
            let (name, won) = (ident(&field.name), f(&field.name, "_won"));
            let condition = format!(
                "(c.{} AND w.{won}['manual'] AND w.{won}['seq'] IS NULL AND s.{name} IS NOT NULL AND (s.{name} IS DISTINCT FROM c.{name}))",
                f(&field.name, "_manual")
            );
            (field.name.clone(), condition)
        })
        .collect();
    if !any || kept.is_empty() {
        let nothing = "SELECT sequence_number, CAST(NULL AS VARCHAR) AS fields\nFROM links\nWHERE false";
        return Query::new("manual_kept", Keep::DataSet, nothing);
    }
    let names: Vec<String> = kept
        .iter()
        .map(|(name, condition)| format!("CASE WHEN {condition} THEN {} END", literal(name)))
        .collect();
    let conditions: Vec<&str> = kept.iter().map(|(_, condition)| condition.as_str()).collect();
    Query::new(
        "manual_kept",
        Keep::DataSet,
        format!(
            "SELECT t.seq AS sequence_number, array_to_string(make_array({}), ', ') AS fields\nFROM core_rows c\nJOIN won w ON w.target = c.core_id\nJOIN touched t ON t.target = c.core_id AND t.outcome <> 'deleted'\nJOIN staged s ON s.sequence_number = t.seq\nWHERE {}",
            names.join(", "),
            conditions.join("\n   OR ")
        ),
    )
}
