//! merge: two rows of core become one. Which of the two gives each field, and what the one that stays is then.
//!
//! Both are read as resolve reads core rows (`core_rows`, `core_<set>`); who wins a field is what `resolve.yml` says of a row
//! that comes in and a row that is there ([`super::survivorship`]).

use std::collections::BTreeMap;

use super::ident::{ident, literal};
use super::shape::{FieldShape, SetShape, Shape};
use super::survivorship::{follows, second_wins};
use super::typed::null_item;
use crate::project::ResolveSpec;

/// The two rows: the one that stays, and the one that goes into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    pub winner: i64,
    pub loser: i64,
}

impl Pair {
    /// Both of them side by side, as `a` and `b`.
    fn rows(self) -> String {
        let one = |id: i64, place: i64| {
            format!(
                "(SELECT x.*, CAST({place} AS BIGINT) AS is_incoming FROM core_rows x WHERE x.core_id = {id})"
            )
        };
        format!("{} a CROSS JOIN {} b", one(self.winner, 0), one(self.loser, 1))
    }
}

/// One row with a column per field: whether the row that goes gives it. A field that says when another was verified is decided
/// with that one, and has no column.
pub fn sides_sql(shape: &Shape, spec: &ResolveSpec, pair: Pair) -> String {
    let columns: Vec<String> = decided(shape, spec)
        .map(|field| format!("{} AS {}", second_wins(spec, &field.name), ident(&field.name)))
        .collect();
    format!("SELECT {}\nFROM {}", columns.join(",\n       "), pair.rows())
}

/// The fields that are decided by themselves.
pub fn decided<'a>(shape: &'a Shape, spec: &'a ResolveSpec) -> impl Iterator<Item = &'a FieldShape> {
    shape.core_fields().filter(move |field| follows(spec, &field.name).is_none())
}

/// The field with which a field is decided: itself, or the one that it says the verification of.
pub fn decided_with<'a>(spec: &'a ResolveSpec, field: &'a str) -> &'a str {
    follows(spec, field).unwrap_or(field)
}

/// The row that stays as a change of load. `takes`: the fields that the row that goes gives.
pub fn merged_sql(shape: &Shape, pair: Pair, takes: &BTreeMap<String, bool>) -> String {
    let side = |field: &str| if takes.get(field).copied().unwrap_or_default() { "b" } else { "a" };
    let mut values: Vec<String> = shape
        .core_fields()
        .map(|field| format!("{}, {}.{}", literal(&field.name), side(&field.name), ident(&field.name)))
        .collect();
    let mut joins = String::new();
    for set in &shape.sets {
        let name = ident(&format!("merged_{}", set.name));
        values.push(format!("{}, {name}.items", literal(&set.name)));
        let first = shape.primary_of(&set.name).map_or("a", |field| side(&field.name));
        joins.push_str(&format!("\nCROSS JOIN ({}) {name}", members(set, pair, first)));
    }
    let active = "(a.is_active OR b.is_active)";
    values.push(format!("'is_active', {active}"));
    values.push(format!("'deactivated_at', CASE WHEN NOT {active} THEN a.state_deactivated_at END"));
    values.push(format!("'deleted_reason', CASE WHEN NOT {active} THEN a.state_deleted_reason END"));
    format!(
        "SELECT 'updated' AS action, CAST({} AS BIGINT) AS core_id, named_struct({}) AS after\nFROM {}{joins}",
        pair.winner,
        values.join(", "),
        pair.rows()
    )
}

/// The members of a set that both have together. The first value is that of the row that gives the field.
fn members(set: &SetShape, pair: Pair, first: &str) -> String {
    let table = ident(&format!("core_{}", set.name));
    let of = |id: i64| format!("(SELECT key, value, is_primary FROM {table} WHERE core_id = {id})");
    format!(
        "SELECT row_unpack_list(array_agg(row_pack(named_struct('key', key, 'value', value, 'is_primary', is_primary))), {}) AS items\n  FROM (SELECT coalesce(a.key, b.key) AS key, coalesce(a.value, b.value) AS value, coalesce({first}.is_primary, false) AS is_primary\n        FROM {} a FULL OUTER JOIN {} b ON a.key = b.key)",
        null_item(),
        of(pair.winner),
        of(pair.loser)
    )
}

/// Core rows as texts to read: `core_id`, one column per field and set, and the state.
pub fn shown_sql(shape: &Shape) -> String {
    let columns = shown(shape, &|name| format!("x.{}", ident(name)));
    format!("SELECT x.core_id, {columns}\nFROM core_rows x")
}

/// The same of the row that stays, which [`merged_sql`] has given as `chunk`.
pub fn shown_merged_sql(shape: &Shape) -> String {
    let columns = shown(shape, &|name| format!("c.after[{}]", literal(name)));
    format!("SELECT c.core_id, {columns}\nFROM chunk c")
}

fn shown(shape: &Shape, value: &dyn Fn(&str) -> String) -> String {
    let fields = shape.core_fields().map(|field| {
        format!("CAST({} AS VARCHAR) AS {}", field.shown(&value(&field.name)), ident(&field.name))
    });
    let sets = shape
        .sets
        .iter()
        .map(|set| format!("array_to_string(set_keys({}), ', ') AS {}", value(&set.name), ident(&set.name)));
    let state = format!("CAST({} AS VARCHAR) AS is_active", value("is_active"));
    fields.chain(sets).chain([state]).collect::<Vec<_>>().join(", ")
}

/// The fingerprint of the row that stays, as load would write it.
pub fn fingerprint_sql(shape: &Shape) -> String {
    format!(
        "SELECT {} AS fingerprint FROM chunk c",
        shape.fingerprint(|name| format!("c.after[{}]", literal(name)))
    )
}

/// Where each field stands in a fingerprint; place 0 is the layout, behind the fields come the sets.
pub fn places(shape: &Shape) -> Vec<&str> {
    shape.core_fields().map(|field| field.name.as_str()).collect()
}
