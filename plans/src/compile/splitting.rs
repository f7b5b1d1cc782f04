//! split: records that imports took for one person leave the core row of the others.
//!
//! `split_records` has the last record of each external id of the row, as it was staged: `is_chosen` says whether it leaves,
//! `effective_at` how new it is. The row itself is read as resolve reads core rows (`core_rows`, `core_<set>`).

use super::ident::{ident, literal};
use super::kinds::SetKind;
use super::shape::{FieldShape, SetShape, Shape};
use super::survivorship::NO_TIME;
use super::typed::null_item;

/// The newest value of each field among records of which a condition holds, as one row.
fn newest(shape: &Shape, condition: &str) -> String {
    let values: Vec<String> = shape
        .core_fields()
        .map(|field| {
            let name = ident(&field.name);
            format!(
                "first_value({name} ORDER BY effective_at DESC, {name}) FILTER (WHERE {name} IS NOT NULL) AS {name}"
            )
        })
        .collect();
    format!("SELECT {}\nFROM split_records\nWHERE {condition}", values.join(",\n       "))
}

/// The keys of a set among records of which a condition holds, with a value each.
fn members(set: &SetShape, condition: &str) -> String {
    format!(
        "SELECT arrow_cast(item['key'], 'Utf8') AS key, min(arrow_cast(item['value'], 'Utf8')) AS value FROM (SELECT unnest({}) AS item FROM split_records WHERE {condition}) GROUP BY 1",
        ident(&set.name)
    )
}

/// The key of the first value of a set, which a field has.
fn first_key(shape: &Shape, set: &SetShape, value: impl Fn(&FieldShape) -> String) -> String {
    let main = shape.primary_of(&set.name).filter(|field| field.core).map(value);
    match (main, set.kind) {
        (None, _) => "CAST(NULL AS VARCHAR)".to_owned(),
        (Some(value), SetKind::Email) => format!("email_key({value})"),
        (Some(value), SetKind::Phone) => value,
    }
}

fn packed(key: &str) -> String {
    format!(
        "row_unpack_list(array_agg(row_pack(named_struct('key', m.key, 'value', m.value, 'is_primary', coalesce(m.key = {key}, false)))), {})",
        null_item()
    )
}

/// The row of the records that leave, as a change of load.
pub fn leaving_sql(shape: &Shape, new_id: i64) -> String {
    let mut values: Vec<String> = shape
        .core_fields()
        .map(|field| format!("{}, n.{}", literal(&field.name), ident(&field.name)))
        .collect();
    let mut joins = String::new();
    for set in &shape.sets {
        let name = ident(&format!("leaving_{}", set.name));
        values.push(format!("{}, {name}.items", literal(&set.name)));
        let key = first_key(shape, set, |field| format!("f.{}", ident(&field.name)));
        joins.push_str(&format!(
            "\nCROSS JOIN (SELECT {} AS items FROM ({}) m CROSS JOIN ({}) f) {name}",
            packed(&key),
            members(set, "is_chosen"),
            newest(shape, "is_chosen")
        ));
    }
    values.push("'is_active', true".to_owned());
    values.push(format!("'deactivated_at', {NO_TIME}"));
    values.push("'deleted_reason', CAST(NULL AS VARCHAR)".to_owned());
    format!(
        "SELECT 'created' AS action, CAST({new_id} AS BIGINT) AS core_id, named_struct({}) AS after\nFROM ({}) n{joins}",
        values.join(", "),
        newest(shape, "is_chosen")
    )
}

/// Whether a field has its value from the records that leave, and from no other: one row.
pub fn given_back_sql(shape: &Shape, row: i64) -> String {
    let columns: Vec<String> = shape
        .core_fields()
        .map(|field| {
            let name = ident(&field.name);
            format!(
                "a.{name} IS NOT NULL AND (a.{name} IS NOT DISTINCT FROM n.{name}) AND (a.{name} IS DISTINCT FROM r.{name}) AS {name}"
            )
        })
        .collect();
    format!("SELECT {}\nFROM {}", columns.join(",\n       "), beside(shape, row))
}

fn beside(shape: &Shape, row: i64) -> String {
    format!(
        "(SELECT * FROM core_rows WHERE core_id = {row}) a\nCROSS JOIN ({}) n\nCROSS JOIN ({}) r",
        newest(shape, "is_chosen"),
        newest(shape, "NOT is_chosen")
    )
}

/// The row of the records that stay, as a change of load. `back`: the fields that go to the best of what stays.
pub fn staying_sql(shape: &Shape, row: i64, back: &[String]) -> String {
    let side = |field: &FieldShape| if back.contains(&field.name) { "r" } else { "a" };
    let mut values: Vec<String> = shape
        .core_fields()
        .map(|field| format!("{}, {}.{}", literal(&field.name), side(field), ident(&field.name)))
        .collect();
    let mut joins = String::new();
    for set in &shape.sets {
        let name = ident(&format!("staying_{}", set.name));
        values.push(format!("{}, {name}.items", literal(&set.name)));
        let key = first_key(shape, set, |field| format!("{}.{}", side(field), ident(&field.name)));
        joins.push_str(&format!(
            "\nCROSS JOIN (SELECT {} AS items FROM (SELECT c.key, c.value FROM {} c LEFT ANTI JOIN ({}) g ON g.key = c.key WHERE c.core_id = {row}) m CROSS JOIN {}) {name}",
            packed(&key),
            ident(&format!("core_{}", set.name)),
            going_sql(set),
            beside(shape, row),
        ));
    }
    values.push("'is_active', a.is_active".to_owned());
    values.push("'deactivated_at', a.state_deactivated_at".to_owned());
    values.push("'deleted_reason', a.state_deleted_reason".to_owned());
    format!(
        "SELECT 'updated' AS action, CAST({row} AS BIGINT) AS core_id, named_struct({}) AS after\nFROM {}{joins}",
        values.join(", "),
        beside(shape, row)
    )
}

/// The members of a set that only the records that leave have.
pub fn going_sql(set: &SetShape) -> String {
    format!(
        "SELECT l.key FROM ({}) l LEFT ANTI JOIN ({}) s ON s.key = l.key",
        members(set, "is_chosen"),
        members(set, "NOT is_chosen")
    )
}
