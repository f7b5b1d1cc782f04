//! Changes of targets with something to decide.

use super::super::ident::{f, ident, literal};
use super::super::kinds::SetKind;
use super::super::shape::{SetShape, Shape};
use super::super::survivorship::{follows, winner};
use super::super::typed::{null_item, null_struct};
use crate::project::ResolveSpec;

/// Sets only grow: what core has and what came, once per key.
pub(super) fn set_union(shape: &Shape, spec: &ResolveSpec, set: &SetShape) -> String {
    let name = ident(&set.name);
    let primary = shape.primary_of(&set.name).map_or("CAST(NULL AS VARCHAR)".to_owned(), |p| {
        let won = format!("{}['value']", winner(spec, p));
        match set.kind {
            SetKind::Email => format!("email_key({won})"),
            SetKind::Phone => won,
        }
    });
    let (item, first) =
        (null_item(), null_struct(&[("is_incoming", "Int64"), ("newest", "Int64"), ("value", "Utf8")]));
    format!(
        "WITH items AS (\n  SELECT target, is_incoming, effective_at, item['key'] AS key, item['value'] AS value\n  FROM (SELECT target, is_incoming, effective_at, unnest({name}) AS item FROM candidates)\n), kept AS (\n  SELECT target, key,\n         min(row_pack(named_struct('is_incoming', is_incoming, 'newest', -arrow_cast(effective_at, 'Int64'), 'value', value))) AS first,\n         min(is_incoming) AS is_new\n  FROM items\n  GROUP BY target, key\n)\nSELECT k.target,\n       row_unpack_list(array_agg(row_pack(named_struct('key', k.key, 'value', row_unpack(k.first, {first})['value'], 'is_primary', coalesce(k.key = {primary}, false)))), {item}) AS items,\n       sum(k.is_new) AS new_items\nFROM kept k\nJOIN winners w ON w.target = k.target\nGROUP BY k.target"
    )
}

/// The value that a core field gets.
fn after_value(spec: &ResolveSpec, field: &str) -> String {
    match follows(spec, field) {
        Some(value) => format!("w.{}['verified_at']", f(value, "_won")),
        None => format!("w.{}['value']", f(field, "_won")),
    }
}

/// What a core row had besides fields and sets: its state, and who wrote it last.
const WRITTEN: &str = "c.state_deactivated_at, c.state_deleted_reason, c.has_state, c.written_fingerprint, c.written_source, c.written_at, c.written_run_id, c.written_row, c.written_action, c.written_fields_json";

/// Everything about a target in one row, before it is shaped into a change.
pub(super) fn decided(shape: &Shape, spec: &ResolveSpec) -> String {
    let mut columns = vec![
        "l.target, c.core_id, c.is_active AS was_active, l.incoming_rows, l.lead".to_owned(),
        WRITTEN.to_owned(),
        "k.links, coalesce(c.active_links, 0) + k.activated AS active_links_after, coalesce(c.active_links, 0) AS active_links_before".to_owned(),
    ];
    let (mut differs, mut newer) = (Vec::new(), Vec::new());
    for field in shape.core_fields() {
        let name = ident(&field.name);
        columns.push(format!("{} AS {}", after_value(spec, &field.name), f(&field.name, "_after")));
        columns.push(format!("c.{name} AS {}", f(&field.name, "_before")));
        columns.push(format!("c.{} AS {}", f(&field.name, "_source"), f(&field.name, "_source")));
        let won = f(follows(spec, &field.name).unwrap_or(&field.name), "_won");
        columns.push(format!("w.{won} AS {}", f(&field.name, "_won")));
        differs.push(format!("({} IS DISTINCT FROM c.{name})", after_value(spec, &field.name)));
        newer.push(format!("w.{won}['seq'] IS NOT NULL"));
    }
    for set in &shape.sets {
        let name = ident(&set.name);
        columns.push(format!(
            "{0}.items AS {1}",
            ident(&format!("set_{}", set.name)),
            f(&set.name, "_after")
        ));
        columns.push(format!("c.{name} AS {}", f(&set.name, "_before")));
        differs.push(format!("coalesce({}.new_items, 0) > 0", ident(&format!("set_{}", set.name))));
    }
    columns.push(format!("({}) AS differs", differs.join("\n        OR ")));
    // Where nothing differs, a row that won said what core has, later than whoever said it before.
    columns.push(format!("({}) AS newer", newer.join(" OR ")));
    let sets: String = shape
        .sets
        .iter()
        .map(|s| format!("\nLEFT JOIN {0} ON {0}.target = l.target", ident(&format!("set_{}", s.name))))
        .collect();
    format!(
        "SELECT {}\nFROM leads l\nJOIN target_links k ON k.target = l.target\nLEFT JOIN won w ON w.target = l.target\nLEFT JOIN core_rows c ON c.core_id = l.target{sets}",
        columns.join(",\n       ")
    )
}

/// The provenance that a core row had; NULL where Importer had not written it.
const PROVENANCE: &str = "CASE WHEN written_run_id IS NOT NULL THEN named_struct('fingerprint', written_fingerprint, 'source', written_source, 'effective_at', written_at, 'run_id', written_run_id, 'sequence_number', written_row, 'load_action', written_action, 'fields_json', written_fields_json) END";

fn image(shape: &Shape, suffix: &str, extra: &[(&str, String)]) -> String {
    let mut parts: Vec<String> = shape
        .core_fields()
        .map(|field| format!("{}, {}", literal(&field.name), f(&field.name, suffix)))
        .collect();
    parts.extend(shape.sets.iter().map(|s| format!("{}, {}", literal(&s.name), f(&s.name, suffix))));
    parts.extend(extra.iter().map(|(name, value)| format!("{}, {value}", literal(name))));
    format!("named_struct({})", parts.join(", "))
}

fn fingerprint(shape: &Shape, suffix: &str) -> String {
    shape.fingerprint(|name| f(name, suffix))
}

/// Changes of targets with something to decide.
pub(super) fn merged(shape: &Shape, spec: &ResolveSpec) -> String {
    let gone = "CASE WHEN NOT after_active THEN coalesce(lead['deleted_at'], lead['effective_at']) END";
    let reason = "CASE WHEN NOT after_active THEN lead['deleted_reason'] END";
    let before = image(
        shape,
        "_before",
        &[
            ("is_active", "was_active".into()),
            ("deactivated_at", "state_deactivated_at".into()),
            ("deleted_reason", "state_deleted_reason".into()),
            ("has_state", "has_state".into()),
        ],
    );
    let after = image(
        shape,
        "_after",
        &[
            ("is_active", "after_active".into()),
            ("deactivated_at", gone.into()),
            ("deleted_reason", reason.into()),
        ],
    );
    let winners: Vec<String> = shape
        .core_fields()
        .map(|x| format!("{}, won_by({})", literal(&x.name), f(&x.name, "_won")))
        .collect();
    let sources: Vec<String> =
        shape.core_fields().map(|x| format!("{}, {}", literal(&x.name), f(&x.name, "_source"))).collect();
    let fields: Vec<String> = shape
        .core_fields()
        .filter(|x| follows(spec, &x.name).is_none())
        .map(|x| format!("{}, {}", literal(&x.name), f(&x.name, "_won")))
        .collect();
    format!(
        "SELECT CASE WHEN lead['is_delete'] THEN 'soft_deleted'\n            WHEN core_id IS NULL THEN 'created'\n            WHEN NOT was_active AND after_active THEN 'reactivated'\n            WHEN differs THEN 'updated'\n            ELSE 'unchanged' END AS action,\n       core_id, incoming_rows, lead['seq'] AS lead_sequence_number, coalesce(differs OR newer, false) AS differs,\n       {before} AS before,\n       {after} AS after,\n       named_struct({}) AS winners,\n       named_struct({}) AS before_sources,\n       links, lead['source'] AS source, lead['effective_at'] AS effective_at, lead['ingest_version'] AS ingest_version,\n       provenance_fields(lead['seq'], lead['is_delete'], {}) AS fields_json,\n       {} AS fingerprint,\n       {PROVENANCE} AS before_provenance\nFROM (\n  SELECT d.*,\n         CASE WHEN core_id IS NULL THEN true\n              WHEN active_links_after <= 0 AND active_links_before > 0 THEN false\n              WHEN NOT was_active AND active_links_before = 0 AND active_links_after > 0 THEN true\n              ELSE was_active END AS after_active\n  FROM decided d\n)",
        winners.join(", "),
        sources.join(", "),
        fields.join(", "),
        fingerprint(shape, "_after"),
    )
}
