//! Records of other entities, as rows name them: `type: reference`.
//!
//! A text names a record in one of the ways that the contract lists: by an external id, a value of a set, a field, or the
//! core id. Before a file is staged, its texts go to the store as keys ([`wanted_sql`], one query for each way), which answers
//! with the core id of their owner and how many owners there are (the tables of [`found_table`]). Stage joins the answers. The
//! first way that knows a text decides; what several records share names none of them.
//!
//! Where lists of a set are planned one after the other, records that a plan would create count as there ([`with_plans`]). They go
//! by a number below zero ([`IS_PLANNED`]): the run that loads them gives them their own.

use std::fmt::Write as _;

use super::ident::{ident, literal};
use super::kinds::{SetKind, read};
use super::landed::mapped;
use super::matching::strength_of;
use super::reference_shape::{ReferenceShape, WayShape};
use super::shape::{FieldShape, Shape};
use super::texts::FileTexts;

/// The code of the finding of a row that names a record which is not there.
pub const UNRESOLVED: &str = "REF-401";

/// The fields of an entity that name records of others.
pub fn references(shape: &Shape) -> impl Iterator<Item = (&FieldShape, &ReferenceShape)> {
    shape.fields.iter().filter_map(|field| Some((field, field.reference.as_ref()?)))
}

/// The table with the owners of the texts of a field, as the store knows them in one of its ways: `key`, `core_id`, `owners`.
pub fn found_table(field: &FieldShape, way: usize) -> String {
    format!("reference_{}_{way}", field.name)
}

/// The distinct keys of a field in one file, with what the store looks for: `key`, and of external ids `system` and `id`, of
/// other ways `value`.
pub fn wanted_sql(
    shape: &Shape,
    (mapping, landed, texts): (&str, &str, &FileTexts),
    field: &FieldShape,
    way: &WayShape,
) -> String {
    let key = key_of(shape, texts, field, way);
    let looked_for = match way {
        WayShape::ExternalId => {
            format!("{} AS system, {} AS id", system_of(shape, field), id_of(field))
        }
        WayShape::CoreId | WayShape::Set { .. } | WayShape::Field { .. } => {
            format!("{} AS value", value_of(texts, field, way))
        }
    };
    format!(
        "{}\nSELECT DISTINCT {key} AS key, {looked_for}\nFROM mapped m\nWHERE {key} IS NOT NULL",
        mapped(mapping, landed)
    )
}

/// Whether a core id stands for a record that a plan would create.
pub const IS_PLANNED: &str = "< 0";

/// Neither runs nor rows come near to what has room in such a number: the run stands above this, the row below.
const ROOM: &str = "4294967296";

/// The record that a reference names, for people: what a plan would create goes by the row and the plan.
pub(super) fn shown(value: &str) -> String {
    format!(
        "CASE WHEN {value} {IS_PLANNED} THEN concat('new from row ', CAST((-({value})) % {ROOM} AS VARCHAR), ' of plan ', CAST((-({value})) / {ROOM} AS VARCHAR)) ELSE CAST({value} AS VARCHAR) END"
    )
}

/// The owners of wanted keys as the store knows them (the table `found`), and as they would be once plans are loaded: of each
/// the table with its changes, and its run. What names a record by its core id names none that has no such id yet.
///
/// Of several plans the first that gives a key an owner decides: a later one would find its record by that key. An external id
/// has one owner, so what the store says of it stays: a plan that was made before would find that record too.
pub fn with_plans(
    (word, way): (&str, &WayShape),
    found: &str,
    wanted: &str,
    plans: &[(String, i64)],
) -> Option<String> {
    let owned: Vec<String> = plans
        .iter()
        .enumerate()
        .map(|(n, (table, run))| {
            let keys = planned_keys(word, way, &ident(table))?;
            let own = format!("-({run} * {ROOM} + lead_sequence_number)");
            Some(format!(
                "SELECT CAST({n} AS BIGINT) AS plan, key, coalesce(core_id, {own}) AS core_id\nFROM ({keys})"
            ))
        })
        .collect::<Option<_>>()?;
    if owned.is_empty() {
        return None;
    }
    let (found, wanted, owned) = (ident(found), ident(wanted), owned.join("\nUNION ALL\n"));
    let unless_known = match way {
        WayShape::ExternalId => format!("\n  LEFT ANTI JOIN {found} k ON k.key = o.key"),
        WayShape::CoreId | WayShape::Set { .. } | WayShape::Field { .. } => String::new(),
    };
    Some(format!(
        "WITH owned AS (\n{owned}\n), ranked AS (\n  SELECT o.key, o.core_id, rank() OVER (PARTITION BY o.key ORDER BY o.plan) AS place\n  FROM owned o\n  LEFT SEMI JOIN {wanted} w ON w.key = o.key{unless_known}\n)\nSELECT key, min(core_id) AS core_id, CASE WHEN max(owners) > 1 THEN max(owners) ELSE count(DISTINCT core_id) END AS owners\nFROM (\n  SELECT key, core_id, owners FROM {found}\n  UNION ALL\n  SELECT key, core_id, CAST(1 AS BIGINT) FROM ranked WHERE place = 1\n)\nGROUP BY key"
    ))
}

/// The keys that a plan gives to records, with what tells the records apart.
fn planned_keys(word: &str, way: &WayShape, changes: &str) -> Option<String> {
    let of_record = "core_id, lead_sequence_number";
    match way {
        WayShape::CoreId => None,
        WayShape::ExternalId => Some(format!(
            "SELECT {of_record}, concat_ws(chr(31), l['external_system'], l['external_id']) AS key FROM (SELECT {of_record}, unnest(links) AS l FROM {changes})"
        )),
        WayShape::Set { .. } => Some(format!(
            "SELECT {of_record}, unnest(set_keys(after[{}])) AS key FROM {changes}",
            literal(word)
        )),
        WayShape::Field { .. } => Some(format!(
            "SELECT {of_record}, CAST(after[{0}] AS VARCHAR) AS key FROM {changes} WHERE after[{0}] IS NOT NULL",
            literal(word)
        )),
    }
}

/// The joins of stage with what the store answered, behind `mapped m`.
pub(super) fn joins(shape: &Shape, texts: &FileTexts) -> String {
    let mut sql = String::new();
    for (field, reference) in references(shape) {
        for (n, (_, way)) in reference.ways.iter().enumerate() {
            let (table, key) = (ident(&found_table(field, n)), key_of(shape, texts, field, way));
            let _ = write!(sql, "\n  LEFT JOIN {table} ON {table}.key = {key}");
        }
    }
    sql
}

/// The answers of the store as stage found them, for a row that is staged once more: queries by the names of their tables, to
/// stand in a WITH behind a comma. `staged` gives the row.
pub(super) fn as_found(shape: &Shape, file: (&str, &str, &FileTexts), staged: &str) -> String {
    let mut sql = String::new();
    for (field, reference) in references(shape) {
        let id = ident(&field.name);
        for (n, (_, way)) in reference.ways.iter().enumerate() {
            let (table, wanted) = (ident(&found_table(field, n)), wanted_sql(shape, file, field, way));
            let _ = write!(
                sql,
                ", {table} AS (\nSELECT w.key, s.{id} AS core_id, CAST(CASE WHEN s.{id} IS NULL THEN 0 ELSE 1 END AS BIGINT) AS owners\nFROM ({wanted}) w CROSS JOIN ({staged}) s\n)"
            );
        }
    }
    sql
}

/// The core id of the record that a field names, and how many records its text names.
pub(super) fn found(field: &FieldShape) -> [String; 2] {
    let of = |column: &str| {
        let ways = field.reference.iter().flat_map(|reference| 0..reference.ways.len());
        ways.map(|n| format!("{}.{column}", ident(&found_table(field, n)))).collect::<Vec<_>>()
    };
    let (owners, ids) = (of("owners"), of("core_id"));
    let one = owners.iter().zip(&ids).fold(String::new(), |mut whens, (owners, id)| {
        let _ = write!(whens, " WHEN {owners} = 1 THEN {id} WHEN {owners} > 1 THEN CAST(NULL AS BIGINT)");
        whens
    });
    match owners.is_empty() {
        // Of an entity that could not be read.
        true => ["CAST(NULL AS BIGINT)".to_owned(), "CAST(NULL AS BIGINT)".to_owned()],
        false => [format!("CASE{one} END"), format!("coalesce({})", owners.join(", "))],
    }
}

/// The column of typed rows with the count of records that a text names.
pub(super) fn owners_column(field: &FieldShape) -> String {
    ident(&format!("{}_owners", field.name))
}

/// What a text is compared by; NULL where it cannot be what the way looks for.
fn key_of(shape: &Shape, texts: &FileTexts, field: &FieldShape, way: &WayShape) -> String {
    match way {
        WayShape::ExternalId => {
            let (system, id) = (system_of(shape, field), id_of(field));
            format!("CASE WHEN {id} IS NOT NULL THEN concat_ws(chr(31), {system}, {id}) END")
        }
        WayShape::CoreId | WayShape::Set { .. } | WayShape::Field { .. } => {
            format!("CAST({} AS VARCHAR)", value_of(texts, field, way))
        }
    }
}

fn id_of(field: &FieldShape) -> String {
    format!("external_id_clean(m.{})", ident(&field.name))
}

fn system_of(shape: &Shape, field: &FieldShape) -> String {
    let named = field.reference.as_ref().and_then(|reference| reference.system.as_deref());
    match (named, &shape.roles.external_system) {
        (Some(system), _) => literal(system),
        (None, Some(column)) => {
            format!("coalesce(clean_text(spreadsheet_unguard(m.{})), $external_system)", ident(column))
        }
        (None, None) => "$external_system".to_owned(),
    }
}

fn value_of(texts: &FileTexts, field: &FieldShape, way: &WayShape) -> String {
    let text = format!("spreadsheet_unguard(m.{})", ident(&field.name));
    match way {
        WayShape::ExternalId => id_of(field),
        WayShape::CoreId => format!("parse_integer({text})"),
        WayShape::Set { kind, patterns, .. } => {
            let cell = format!("m.{}", ident(&field.name));
            let key = match kind {
                SetKind::Email => format!("primary_key(email_set(email_clean({cell}), NULL))"),
                SetKind::Phone => {
                    format!("primary_key(phone_set(phone_e164({cell}, $default_region), NULL))")
                }
            };
            // `none@none.com` names nobody, whoever has it.
            format!("CASE WHEN {} <> 'none' THEN {key} END", strength_of((*kind, patterns), &key))
        }
        WayShape::Field { kind, options, .. } => read(*kind, &text, options, &texts.how(field)),
    }
}

/// Message and hint of a text that names no record, and of one that names several.
pub(super) fn words(field: &FieldShape) -> [[String; 2]; 2] {
    let (to, ways) = match &field.reference {
        Some(reference) => {
            let ways: Vec<&str> = reference.ways.iter().map(|(word, _)| word.as_str()).collect();
            (reference.to.as_str(), ways.join(" or "))
        }
        None => ("another entity", "external_id".to_owned()),
    };
    [
        [
            format!("{} names no record of {to} that is here (by {ways})", field.name),
            format!(
                "import that record first, or correct the value: the row waits, and `importer requeue --rule {UNRESOLVED}` lets it go on"
            ),
        ],
        [
            format!("{} names several records of {to} (by {ways})", field.name),
            "write what only one of them has, such as its id".to_owned(),
        ],
    ]
}
