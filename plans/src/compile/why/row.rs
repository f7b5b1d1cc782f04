//! One row of a run: landed, staged, checked, its keys and its change.

use super::super::bind::{Bound, bind};
use super::super::built_in::{Filter, built_in};
use super::super::columns::{Columns, main_column};
use super::super::ident::{ident, literal};
use super::super::kinds::FieldKind;
use super::super::landed::landed_sql;
use super::super::matching::{field_keys, key_sets, key_text};
use super::super::references::as_found;
use super::super::resolve::says_something;
use super::super::shape::{FieldShape, Shape};
use super::super::stage::stage_sql;
use super::super::texts::FileTexts;
use super::place::Place;
use crate::project::{Rule, RuleMode, Severity};

/// The columns of a landed row, as text.
pub fn landed_row_sql(place: Place, columns: &[String], row: i64) -> String {
    let names: String = columns.iter().map(|c| format!(", {}", ident(c))).collect();
    format!("SELECT line_number{names}\nFROM {}\nWHERE {}", place.table("landed"), place.is_row(row))
}

/// One row per contract field: its value, and the text that could not be read.
pub fn staged_fields_sql(shape: &Shape, place: Place, row: i64) -> String {
    let items: Vec<String> = shape
        .fields
        .iter()
        .map(|field| {
            // Runs of older versions have no such column of their ids; a finding has the text.
            let unparsed = if field.kind.can_fail() && field.kind != FieldKind::Id {
                ident(&format!("{}_unparsed", field.name))
            } else {
                NO_TEXT.to_owned()
            };
            item(&[("field", literal(&field.name)), ("value", as_text(field)), ("unparsed", unparsed)])
        })
        .collect();
    unnested(&["field", "value", "unparsed"], &items, &place.staged(&shape.entity), &place.is_row(row))
}

/// The status of a row in `staging_<entity>`, where the entity has a field `status` of its own.
pub const ROW_STATUS: &str = "row_status";

/// What stage made of a row beside its fields: its link, keys and checksum.
pub fn staged_row_sql(shape: &Shape, place: Place, row: i64) -> String {
    let sets: String = shape
        .sets
        .iter()
        .map(|s| format!(", array_to_string(set_keys({0}), ', ') AS {0}", ident(&s.name)))
        .collect();
    let status = if shape.field("status").is_some() { ROW_STATUS } else { "status" };
    format!(
        "SELECT link_system, link_id, is_synthetic, is_delete, effective_at, given_key, family_key, encode(checksum, 'hex') AS checksum{sets},\n       {status} AS status\nFROM {}\nWHERE {}",
        place.staged(&shape.entity),
        place.is_row(row)
    )
}

/// The mapping and the contract's types over the landed row once more.
pub fn mapped_again_sql(
    shape: &Shape,
    mapping: &str,
    columns: &Columns<'_>,
    (unmapped, texts): (&[&str], &FileTexts),
    place: Place,
    row: i64,
    params: &[Bound],
) -> String {
    const RAW: &str = "landed_row";
    let landed = landed_sql(shape, RAW, columns, unmapped, texts);
    let mapping = without_front_matter(mapping);
    let staged = stage_sql(shape, mapping, &landed, texts);
    let was = format!("SELECT * FROM {} WHERE {}", place.staged(&shape.entity), place.is_row(row));
    let found = as_found(shape, (mapping, &landed, texts), &was);
    let items: Vec<String> = shape
        .fields
        .iter()
        .map(|field| item(&[("field", literal(&field.name)), ("value", as_text(field))]))
        .collect();
    let sql = format!(
        "WITH {RAW} AS (\n  SELECT * FROM {} WHERE {}\n){found}, staged_again AS (\n{staged}\n)\n{}",
        place.table("landed"),
        place.is_row(row),
        unnested(&["field", "value"], &items, "staged_again", "true"),
    );
    bind(&sql, params)
}

/// A rule as it is asked of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowRule {
    pub code: String,
    pub severity: Severity,
    pub mode: RuleMode,
    /// The field that a built-in check is about.
    pub field: Option<String>,
    pub message: String,
    pub hint: String,
    /// The file of the rule; none for a built-in check.
    pub path: Option<String>,
    /// The source asks for it.
    pub asked: bool,
    /// Gives the row when it is bad.
    pub sql: String,
}

/// All rules of an entity as statements about one row, built-in checks first. Rules that are plain filters look at the
/// row alone; others need all rows of the run.
pub fn row_rules(
    shape: &Shape,
    rules: &[Rule],
    asked: impl Fn(&Rule) -> bool,
    place: Place,
    row: i64,
    params: &[Bound],
) -> Vec<RowRule> {
    let staged = place.staged(&shape.entity);
    let mut all: Vec<RowRule> =
        built_in(shape).into_iter().map(|f| of_filter(f, &staged, place, row, params)).collect();
    all.extend(rules.iter().map(|rule| of_rule(rule, asked(rule), &staged, place, row, params)));
    all
}

fn of_filter(filter: Filter, staged: &str, place: Place, row: i64, params: &[Bound]) -> RowRule {
    let sql = format!(
        "SELECT sequence_number, {} AS field, {} AS value\nFROM {staged}\nWHERE {}\n  AND ({})",
        filter.field,
        filter.value,
        place.is_row(row),
        filter.predicate
    );
    RowRule {
        // The field of a built-in check is a literal.
        field: Some(filter.field.trim_matches('\'').to_owned()),
        sql: bind(&sql, params),
        code: filter.code,
        severity: filter.severity,
        mode: filter.mode,
        message: filter.message,
        hint: filter.hint,
        path: None,
        asked: true,
    }
}

fn of_rule(rule: &Rule, asked: bool, staged: &str, place: Place, row: i64, params: &[Bound]) -> RowRule {
    let text = without_front_matter(&rule.sql.text).trim_end_matches(';');
    let run = format!("run_id = {}", place.run_id);
    let sql = if rule.as_filter().is_some() {
        let deletes = if rule.deletes { "" } else { " AND NOT is_delete" };
        format!("WITH staged AS (\n  SELECT * FROM {staged} WHERE {}{deletes}\n)\n{text}", place.is_row(row))
    } else {
        let deletes = if rule.deletes {
            String::new()
        } else {
            format!(
                "\n  AND sequence_number NOT IN (SELECT sequence_number FROM {staged} WHERE {run} AND is_delete)"
            )
        };
        format!(
            "WITH staged AS (\n  SELECT * FROM {staged} WHERE {run}\n)\nSELECT *\nFROM (\n{text}\n) bad\nWHERE sequence_number = {row}{deletes}"
        )
    };
    RowRule {
        code: rule.code.clone(),
        severity: rule.severity,
        mode: rule.mode,
        field: None,
        message: rule.message.clone(),
        hint: rule.hint.clone(),
        path: Some(rule.sql.path.clone()),
        asked,
        sql: bind(&sql, params),
    }
}

/// The keys of a row, as match looks them up.
pub fn keys_sql(shape: &Shape, place: Place, row: i64) -> Option<String> {
    let parts: Vec<String> = key_sets(shape)
        .map(|set| {
            format!(
                "SELECT '{}' AS key_type, item['key'] AS key, item['value'] AS value, item['is_primary'] AND filled AS is_primary\nFROM (SELECT {} AS filled, unnest({}) AS item FROM {} WHERE {})",
                set.key_type(),
                ident(&main_column(&set.name)),
                ident(&set.name),
                place.staged(&shape.entity),
                place.is_row(row)
            )
        })
        .chain(field_keys(shape).map(|(key, name)| {
            format!(
                "SELECT {0} AS key_type, key, key AS value, true AS is_primary\nFROM (SELECT {1} AS key FROM {2} s WHERE {3})\nWHERE key IS NOT NULL",
                literal(name),
                key_text(key, "s"),
                place.staged(&shape.entity),
                place.is_row(row)
            )
        }))
        .collect();
    (!parts.is_empty())
        .then(|| format!("{}\nORDER BY key_type, is_primary DESC, key", parts.join("\nUNION ALL\n")))
}

/// Other good rows of the run with a key or the external id of this row, and whether match held them to be one record.
pub fn same_keys_sql(shape: &Shape, place: Place, row: i64, most: usize) -> String {
    let staged = place.staged(&shape.entity);
    let keys_of = |table: &str, more: &str| {
        let link = format!(
            "  SELECT 'link' AS key_type, concat(link_system, ' ', link_id) AS key{more} FROM {table} WHERE NOT is_synthetic"
        );
        let sets = key_sets(shape).map(|set| {
            format!(
                "  SELECT {} AS key_type, unnest(set_keys({})) AS key{more} FROM {table}",
                literal(set.key_type()),
                ident(&set.name)
            )
        });
        let fields = field_keys(shape).map(|(key, name)| {
            format!(
                "  SELECT {} AS key_type, {} AS key{more} FROM {table}",
                literal(name),
                key_text(key, table)
            )
        });
        std::iter::once(link).chain(sets).chain(fields).collect::<Vec<_>>().join("\n  UNION ALL\n")
    };
    // No field begins with an underscore.
    let name = |field: &Option<String>, none: &str| field.as_ref().map_or(none.to_owned(), |f| ident(f));
    let (given, family) = (name(&shape.given, NO_TEXT), name(&shape.family, NO_TEXT));
    let born = name(&shape.born, "CAST(NULL AS DATE)");
    let named = format!(
        "SELECT *, {given} AS _given, {family} AS _family, {born} AS _born FROM {staged} WHERE run_id = {}",
        place.run_id
    );
    let (own_keys, other_keys) =
        (keys_of("own", ""), keys_of("others", ", sequence_number, _given, _family, _born"));
    format!(
        "WITH own AS (\n  {named} AND sequence_number = {row}\n), others AS (\n  {named} AND sequence_number <> {row}\n    AND sequence_number NOT IN (SELECT sequence_number FROM {findings} WHERE run_id = {run} AND severity = 'error' AND mode = 'enforce' AND sequence_number IS NOT NULL)\n), own_keys AS (\n{own_keys}\n), other_keys AS (\n{other_keys}\n), decided AS (\n  SELECT sequence_number, core_id, cluster_id, outcome, row_number() OVER (PARTITION BY sequence_number ORDER BY round DESC) AS nth\n  FROM {links} WHERE run_id = {run}\n)\nSELECT o.key_type, o.key, o.sequence_number, o._given AS given, o._family AS family, o._born AS born,\n       CASE WHEN l.outcome = 'review' OR m.outcome = 'review' THEN NULL\n            ELSE coalesce(l.core_id = m.core_id, false) OR coalesce(l.cluster_id = m.cluster_id, false) END AS joined\nFROM other_keys o\nJOIN own_keys k ON k.key_type = o.key_type AND k.key = o.key\nLEFT JOIN decided l ON l.sequence_number = o.sequence_number AND l.nth = 1\nLEFT JOIN decided m ON m.sequence_number = {row} AND m.nth = 1\nORDER BY o.sequence_number, o.key_type, o.key\nLIMIT {most}",
        findings = place.table("dq_violations"),
        links = place.table("links"),
        run = place.run_id,
    )
}

/// A change without its images; with who had written the core row before, where runs keep that. `which` is a condition
/// over `changes`.
pub fn change_sql(place: Place, which: &str, keeps_provenance: bool) -> String {
    let before = if keeps_provenance {
        ",\n       before_provenance['run_id'] AS before_run_id, before_provenance['source'] AS before_source,\n       before_provenance['effective_at'] AS before_effective_at, before_provenance['fields_json'] AS before_fields_json"
    } else {
        ""
    };
    format!(
        "SELECT round, action, core_id, lead_sequence_number, incoming_rows, differs, source, effective_at, ingest_version, fields_json{before}\nFROM {}\nWHERE run_id = {} AND {which}",
        place.table("changes"),
        place.run_id
    )
}

/// One row per core field of a change: before, after, the winner and where the value before came from. `which` is a
/// condition over `changes`.
pub fn change_fields_sql(shape: &Shape, place: Place, which: &str) -> String {
    let mut items: Vec<String> = shape
        .core_fields()
        .map(|field| {
            let name = literal(&field.name);
            change_item(
                &name,
                &field.shown(&format!("before[{name}]")),
                &field.shown(&format!("after[{name}]")),
                &format!("winners[{name}]"),
                &format!("before_sources[{name}]"),
            )
        })
        .collect();
    items.extend(shape.sets.iter().map(|set| {
        let keys = |side: &str| format!("array_to_string(set_keys({side}[{}]), ', ')", literal(&set.name));
        change_item(&literal(&set.name), &keys("before"), &keys("after"), NO_TEXT, NO_TEXT)
    }));
    items.push(change_item(
        "'is_active'",
        "CAST(before['is_active'] AS VARCHAR)",
        "CAST(after['is_active'] AS VARCHAR)",
        NO_TEXT,
        NO_TEXT,
    ));
    let names = ["field", "before", "after", "winner", "before_source"];
    unnested(&names, &items, &place.table("changes"), &format!("run_id = {} AND {which}", place.run_id))
}

fn change_item(field: &str, before: &str, after: &str, winner: &str, source: &str) -> String {
    item(&[
        ("field", field.to_owned()),
        ("before", before.to_owned()),
        ("after", after.to_owned()),
        ("winner", winner.to_owned()),
        ("before_source", source.to_owned()),
    ])
}

/// The values that some rows offered for every core field, and whether they say nothing about somebody who is known.
pub fn candidates_sql(shape: &Shape, place: Place, rows: &[i64]) -> String {
    let items: Vec<String> = shape
        .core_fields()
        .map(|field| {
            let says = says_something(shape, field, &ident(&field.name));
            let says_nothing = says.map_or("false".to_owned(), |says| format!("NOT ({says})"));
            item(&[
                ("field", literal(&field.name)),
                ("value", as_text(field)),
                ("says_nothing", says_nothing),
            ])
        })
        .collect();
    let rows: Vec<String> = rows.iter().map(i64::to_string).collect();
    format!(
        "SELECT sequence_number, link_system, effective_at, f['field'] AS field, f['value'] AS value, f['says_nothing'] AS says_nothing\nFROM (\n  SELECT sequence_number, link_system, effective_at, unnest({}) AS f\n  FROM {}\n  WHERE run_id = {} AND sequence_number IN ({}) AND NOT is_delete\n)\nWHERE f['value'] IS NOT NULL\nORDER BY sequence_number, f['place']",
        numbered(&items),
        place.staged(&shape.entity),
        place.run_id,
        rows.join(", ")
    )
}

/// Where rows of a remediation were first landed, and which of their fields a person has set.
pub fn origins_sql(place: Place, rows: &[i64]) -> String {
    let rows: Vec<String> = rows.iter().map(i64::to_string).collect();
    format!(
        "SELECT sequence_number, origin_run_id, origin_file_number, origin_line_number, origin_sequence_number, manual\nFROM {}\nWHERE run_id = {} AND sequence_number IN ({})\nORDER BY sequence_number",
        place.table("origins"),
        place.run_id,
        rows.join(", ")
    )
}

/// SQL of the project as the planner needs it, without what is written for the loader.
fn without_front_matter(text: &str) -> &str {
    let close = "---*/";
    match text.trim_start().starts_with("/*---").then(|| text.find(close)).flatten() {
        Some(at) => text[at + close.len()..].trim(),
        None => text.trim(),
    }
}

pub(super) const NO_TEXT: &str = "CAST(NULL AS VARCHAR)";

fn as_text(field: &FieldShape) -> String {
    field.shown(&ident(&field.name))
}

/// The parts of a struct, to be numbered by [`numbered`].
pub(super) fn item(parts: &[(&str, String)]) -> String {
    let parts: Vec<String> = parts.iter().map(|(name, value)| format!("'{name}', {value}")).collect();
    parts.join(", ")
}

/// A list of structs, each with its place: rows that are made of a list keep its order by nothing else.
fn numbered(items: &[String]) -> String {
    let structs: Vec<String> = items
        .iter()
        .enumerate()
        .map(|(n, item)| format!("named_struct('place', {}, {item})", n + 1))
        .collect();
    format!("make_array(\n    {}\n  )", structs.join(",\n    "))
}

/// One row per item of the row that fits, in the order of the items.
pub(super) fn unnested(names: &[&str], items: &[String], table: &str, which: &str) -> String {
    let columns: Vec<String> = names.iter().map(|name| format!("f['{name}'] AS {name}")).collect();
    format!(
        "SELECT {}\nFROM (\n  SELECT unnest({}) AS f\n  FROM {table}\n  WHERE {which}\n)\nORDER BY f['place']",
        columns.join(", "),
        numbered(items)
    )
}
