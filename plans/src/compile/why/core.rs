//! A core row as it stands, and who holds a key.

use super::super::ident::{ident, literal};
use super::super::shape::{FieldShape, SetShape, Shape};
use super::row::{item, unnested};

fn store(table: &str) -> String {
    format!("store.{}", ident(table))
}

/// The core table with the names of the contract. The catalogue shows rows of the tenant only.
fn core_relation(shape: &Shape) -> String {
    let relation = shape.core.relation(&store(&shape.core_table), "''");
    if relation.starts_with('(') { format!("{relation} AS own") } else { relation }
}

/// A row of a core table, or all children of a core row.
pub fn core_table_sql(table: &str, owner: &str, core_id: i64, order: Option<&str>) -> String {
    let order = order.map_or(String::new(), |column| format!("\nORDER BY {}", ident(column)));
    format!("SELECT *\nFROM {}\nWHERE {} = {core_id}{order}", store(table), ident(owner))
}

/// One row per field of a core row: its value, and whether it differs from what Importer wrote last, which makes it an
/// edit by the host application. Sets are told by their keys.
pub fn core_fields_sql(shape: &Shape, core_id: i64) -> String {
    let mut joins = String::new();
    for set in &shape.sets {
        joins.push_str(&format!(
            "\n  LEFT JOIN (\n{}\n  ) {1} ON {1}.owner = c.id",
            set_items(set, core_id),
            ident(&set.name)
        ));
    }
    let value = |name: &str| match shape.field(name).filter(|f| f.core) {
        Some(field) => typed(field),
        None => format!("{}.items", ident(name)),
    };
    let print = shape.fingerprint(|name| value(name));
    let edited = |place: usize| {
        format!(
            "coalesce(NOT fingerprint_differs(fingerprint, found, 0) AND fingerprint_differs(fingerprint, found, {place}), false)"
        )
    };
    let core: Vec<&FieldShape> = shape.core_fields().collect();
    let mut items: Vec<String> = core
        .iter()
        .enumerate()
        .map(|(n, field)| {
            item(&[
                ("field", literal(&field.name)),
                ("value", field.shown(&ident(&field.name))),
                ("edited_since", edited(n + 1)),
            ])
        })
        .collect();
    items.extend(shape.sets.iter().enumerate().map(|(n, set)| {
        item(&[
            ("field", literal(&set.name)),
            ("value", format!("array_to_string(set_keys({}), ', ')", ident(&format!("{}_items", set.name)))),
            ("edited_since", edited(core.len() + n + 1)),
        ])
    }));
    let mut columns: Vec<String> =
        core.iter().map(|f| format!("{} AS {}", typed(f), ident(&f.name))).collect();
    columns.extend(
        shape
            .sets
            .iter()
            .map(|s| format!("{}.items AS {}", ident(&s.name), ident(&format!("{}_items", s.name)))),
    );
    let row = format!(
        "(\n  SELECT p.fingerprint, {print} AS found,\n         {}\n  FROM (SELECT * FROM {} WHERE id = {core_id}) c\n  LEFT JOIN (SELECT core_id, fingerprint FROM store.core_provenance WHERE entity_type = {} AND core_id = {core_id}) p ON p.core_id = c.id{joins}\n) core",
        columns.join(", "),
        core_relation(shape),
        literal(&shape.entity),
    );
    unnested(&["field", "value", "edited_since"], &items, &row, "true")
}

fn set_items(set: &SetShape, core_id: i64) -> String {
    let (owner, key, value) = (ident(&set.owner_column), ident(&set.key_column), ident(&set.value_column));
    let primary = ident(&set.primary_column);
    format!(
        "    SELECT {owner} AS owner, array_agg(named_struct('key', {key}, 'value', {value}, 'is_primary', {primary}) ORDER BY {key}) AS items\n    FROM {}\n    WHERE {owner} = {core_id}\n    GROUP BY {owner}",
        store(&set.table)
    )
}

/// A core field in the type that its fingerprint was made of.
fn typed(field: &FieldShape) -> String {
    field.of_store(&format!("c.{}", ident(&field.name)))
}

/// Which core rows hold keys of a set now.
pub fn owners_sql(set: &SetShape, keys: &[&str]) -> String {
    let list: Vec<String> = keys.iter().map(|key| literal(key)).collect();
    let (owner, key) = (ident(&set.owner_column), ident(&set.key_column));
    format!(
        "SELECT '{}' AS key_type, {key} AS key, {owner} AS core_id\nFROM {}\nWHERE {key} IN ({})\nORDER BY core_id, key",
        set.key_type(),
        store(&set.table),
        list.join(", ")
    )
}

/// The names and birth dates of core rows, as they stand.
pub fn people_sql(shape: &Shape, core_ids: &[i64]) -> String {
    let name = |field: &Option<String>, kind: &str| {
        field.as_ref().map_or(format!("CAST(NULL AS {kind})"), |f| format!("CAST({} AS {kind})", ident(f)))
    };
    let (given, family, date) =
        (name(&shape.given, "VARCHAR"), name(&shape.family, "VARCHAR"), name(&shape.born, "DATE"));
    let ids: Vec<String> = core_ids.iter().map(i64::to_string).collect();
    format!(
        "SELECT id AS core_id, {given} AS given, {family} AS family, {date} AS born\nFROM {}\nWHERE id IN ({})\nORDER BY id",
        core_relation(shape),
        ids.join(", "),
    )
}
