//! What is left in core once the changes are taken back: the same form as `changes`, with what was found before and
//! what is left after. And what is not taken back, with the reason.

use super::super::ident::{ident, literal};
use super::super::load::change_log_part;
use super::super::shape::{SetShape, Shape};
use super::super::typed::{LINK, null_item};
use super::judge::{found, restored, stays};
use super::unit::{MERGED, Narrow, STATE, Unit, reason};

/// The columns of a link as one value.
pub fn link_struct(alias: &str) -> String {
    let parts: Vec<String> = LINK.iter().map(|(f, _)| format!("'{f}', {alias}.{f}")).collect();
    format!("named_struct({})", parts.join(", "))
}

/// The unit that a set belongs to, by the column that says whether it goes back.
fn unit_of(set: &SetShape, units: &[Unit]) -> Option<usize> {
    units.iter().position(|unit| unit.set.as_deref() == Some(&set.name))
}

/// What becomes of each member of a set. A member that the run added goes when nobody wrote to the row since; the
/// first value only together with its unit, so that a core row never names a value that it does not have.
pub fn set_items(set: &SetShape, units: &[Unit], narrow: &Narrow) -> String {
    let unit = unit_of(set, units).map_or("false".to_owned(), |n| format!("j.{}", restored(n)));
    let first = unit_of(set, units).map_or("true".to_owned(), |n| format!("j.{}", restored(n)));
    let wanted = narrow.takes(&set.name);
    format!(
        "SELECT x.*, in_found AND NOT removed OR added AS stays\nFROM (\n  SELECT m.core_id, j.seq, m.key, CASE WHEN m.in_found THEN m.found_value ELSE m.before_value END AS value, m.in_found,\n         CASE WHEN {unit} THEN m.before_primary ELSE m.found_primary END AS is_primary,\n         {unit} AND (m.before_primary IS DISTINCT FROM m.found_primary) AS marked,\n         {wanted} AND m.in_found AND m.in_after AND NOT m.in_before AND NOT j.written_since AND (m.found_value IS NOT DISTINCT FROM m.after_value)\n           AND (NOT m.found_primary OR {first}) AS removed,\n         {wanted} AND NOT m.in_found AND m.in_before AND NOT m.in_after AS added,\n         {wanted} AND m.in_found AND m.in_after AND NOT m.in_before AS ours\n  FROM {members} m\n  JOIN judged j ON j.core_id = m.core_id\n  WHERE j.verdict = 'restore'\n) x",
        members = ident(&format!("members_{}", set.name)),
    )
}

/// Members of a set, packed: a list of plain values, whose memory is counted once.
const ITEMS: &str = "array_agg(row_pack(named_struct('key', key, 'value', value, 'is_primary', is_primary)))";

/// The members of a set as one list per core row, under a name.
pub fn found_items(set: &SetShape) -> String {
    format!(
        "SELECT core_id, row_unpack_list({ITEMS}, {}) AS items\n  FROM {}\n  GROUP BY core_id",
        null_item(),
        ident(&format!("found_{}", set.name))
    )
}

fn left_items(set: &SetShape) -> String {
    format!(
        "SELECT core_id, row_unpack_list({ITEMS} FILTER (WHERE stays), {}) AS items,\n         bool_or(removed OR added OR marked) AS differs\n  FROM {}\n  GROUP BY core_id",
        null_item(),
        ident(&format!("set_items_{}", set.name))
    )
}

const PROVENANCE_FOUND: &str = "CASE WHEN j.prov_run_id IS NOT NULL THEN named_struct('fingerprint', j.prov_fingerprint, 'source', j.prov_source, 'effective_at', j.prov_at, 'run_id', j.prov_run_id, 'sequence_number', j.prov_row, 'load_action', j.prov_action, 'fields_json', j.prov_json) END";

const PROVENANCE_LEFT: &str = "CASE WHEN j.verdict = 'remove' THEN NULL
            WHEN j.verdict = 'create' OR j.provenance_back THEN j.before_provenance
            WHEN j.prov_run_id IS NOT NULL THEN named_struct('fingerprint', coalesce(p.fingerprint, j.prov_fingerprint), 'source', j.prov_source, 'effective_at', j.prov_at, 'run_id', j.prov_run_id, 'sequence_number', j.prov_row, 'load_action', j.prov_action, 'fields_json', CASE WHEN p.core_id IS NULL THEN j.prov_json ELSE p.fields_json END) END";

/// One row per core row that changes.
pub fn undone(shape: &Shape, units: &[Unit]) -> String {
    let number = |field: &str| units.iter().position(|u| u.fields.iter().any(|f| f == field));
    let (mut before, mut after, mut joins) = (Vec::new(), Vec::new(), String::new());
    let mut differs: Vec<String> = (0..units.len()).map(|n| format!("j.{}", restored(n))).collect();
    differs.push("j.state_restored".to_owned());
    for field in shape.core_fields() {
        let (name, there) = (literal(&field.name), found(&field.name));
        let back = number(&field.name).map_or("false".to_owned(), |n| format!("j.{}", restored(n)));
        before.push(format!("{name}, j.{there}"));
        after.push(format!(
            "{name}, CASE WHEN j.verdict = 'create' OR {back} THEN j.before[{name}] ELSE j.{there} END"
        ));
    }
    for set in &shape.sets {
        let name = literal(&set.name);
        let (was, left) = (ident(&format!("was_{}", set.name)), ident(&format!("left_{}", set.name)));
        before.push(format!("{name}, {was}.items"));
        after.push(format!(
            "{name}, CASE WHEN j.verdict = 'create' THEN j.before[{name}] ELSE {left}.items END"
        ));
        differs.push(format!("coalesce({left}.differs, false)"));
        joins.push_str(&format!(
            "\nLEFT JOIN (\n  {}\n) {was} ON {was}.core_id = j.core_id\nLEFT JOIN (\n  {}\n) {left} ON {left}.core_id = j.core_id",
            found_items(set),
            left_items(set)
        ));
    }
    for (name, here, field) in [
        (STATE, "active_found", "is_active"),
        ("deactivated_at", "since_found", "deactivated_at"),
        ("deleted_reason", "reason_found", "deleted_reason"),
        ("has_state", "state_found", "has_state"),
    ] {
        before.push(format!("'{name}', j.{here}"));
        after.push(format!(
            "'{name}', CASE WHEN j.verdict = 'create' OR j.state_restored THEN j.before['{field}'] ELSE j.{here} END"
        ));
    }
    let none = |value: &str| {
        let parts: Vec<String> =
            shape.core_fields().map(|f| format!("{}, {value}", literal(&f.name))).collect();
        format!("CASE WHEN false THEN named_struct({}) END", parts.join(", "))
    };
    format!(
        "SELECT CASE WHEN verdict = 'remove' THEN 'removed' WHEN verdict = 'create' THEN 'created'\n            WHEN before['is_active'] AND NOT after['is_active'] THEN 'soft_deleted'\n            WHEN NOT before['is_active'] AND after['is_active'] THEN 'reactivated'\n            WHEN differs THEN 'updated' ELSE 'unchanged' END AS action,\n       core_id, CAST(0 AS BIGINT) AS incoming_rows, seq AS lead_sequence_number, differs, before, after,\n       {no_text} AS winners, {no_text} AS before_sources, links, 'rollback' AS source,\n       after_prov['effective_at'] AS effective_at, CAST(NULL AS BIGINT) AS ingest_version, after_prov['fields_json'] AS fields_json,\n       after_prov['fingerprint'] AS fingerprint, before_prov AS before_provenance, after_prov AS after_provenance, links_after\nFROM (\n  SELECT j.core_id, j.seq, j.verdict, j.verdict <> 'restore' OR {differs} AS differs, j.provenance_back,\n       CASE WHEN j.verdict <> 'create' THEN named_struct({before}) END AS before,\n       CASE WHEN j.verdict <> 'remove' THEN named_struct({after}) END AS after,\n       l.links, l.links_after,\n       {PROVENANCE_FOUND} AS before_prov,\n       {PROVENANCE_LEFT} AS after_prov\n  FROM judged j\n  LEFT JOIN link_lists l ON l.core_id = j.core_id\n  LEFT JOIN patched p ON p.core_id = j.core_id{joins}\n  WHERE j.verdict IN ('remove', 'create', 'restore')\n)\nWHERE differs OR links IS NOT NULL OR (before_prov['fingerprint'] IS DISTINCT FROM after_prov['fingerprint']) OR (before_prov['run_id'] IS DISTINCT FROM after_prov['run_id'])\nORDER BY core_id",
        no_text = none("CAST(NULL AS VARCHAR)"),
        differs = differs.join(" OR "),
        before = before.join(", "),
        after = after.join(", "),
    )
}

/// A time that is not known.
pub const NO_TIME: &str = "arrow_cast(NULL, 'Timestamp(Microsecond, Some(\"UTC\"))')";

/// What is not taken back. `since` is told apart afterwards: a later run, or somebody else.
pub fn kept(shape: &Shape, units: &[Unit]) -> String {
    let mut parts = vec![format!(
        "SELECT core_id, seq, CAST(NULL AS VARCHAR) AS field, why AS reason,\n       CASE WHEN why = {by_run} THEN prov_run_id WHEN why = {linked} THEN coalesce(link_run_id, taken_run_id) END AS run_id,\n       CASE WHEN why = block THEN block_who END AS who,\n       CASE WHEN why = block THEN block_at WHEN why = {edited} THEN touched_at END AS at\nFROM judged WHERE verdict = 'keep'\nUNION ALL\nSELECT core_id, seq, CAST(NULL AS VARCHAR), CASE WHEN block = {merged} THEN block ELSE {gone} END, CAST(NULL AS BIGINT), CASE WHEN block = {merged} THEN block_who END, CASE WHEN block = {merged} THEN block_at ELSE {NO_TIME} END\nFROM judged WHERE verdict = 'gone' AND kind = 'restore'",
        by_run = reason("changed_by_run"),
        linked = reason("linked"),
        edited = reason("edited"),
        gone = reason("gone"),
        merged = reason(MERGED),
    )];
    let part = |field: &str, condition: &str| {
        format!(
            "SELECT core_id, seq, {}, {}, CAST(NULL AS BIGINT), CAST(NULL AS VARCHAR), touched_at\nFROM judged WHERE {condition}",
            literal(field),
            reason("since")
        )
    };
    for (number, unit) in units.iter().enumerate() {
        for field in &unit.fields {
            let name = literal(field);
            parts.push(part(
                field,
                &format!("{} AND (before[{name}] IS DISTINCT FROM after[{name}])", stays(number)),
            ));
        }
    }
    if shape.state.is_some() {
        parts.push(part(STATE, "state_stays"));
    }
    for set in &shape.sets {
        parts.push(format!(
            "SELECT DISTINCT i.core_id, i.seq, {}, CASE WHEN j.written_since THEN {} ELSE {} END, CASE WHEN j.written_since THEN j.prov_run_id END, CAST(NULL AS VARCHAR), j.touched_at\nFROM {} i JOIN judged j ON j.core_id = i.core_id WHERE i.ours AND NOT i.removed",
            literal(&set.name),
            reason("changed_by_run"),
            reason("since"),
            ident(&format!("set_items_{}", set.name))
        ));
    }
    parts.push(format!(
        "SELECT core_id, seq, 'link', {}, found_run, CAST(NULL AS VARCHAR), found_at\nFROM link_results WHERE op = 'kept'",
        reason("linked")
    ));
    parts.join("\nUNION ALL\n")
}

/// The name of what the change log of a rollback reads: the rows of `undone` that stay in core.
pub const CHANGE_LOG_FIELDS: &str = "chunk";

/// One row per field that goes back on a core row that stays.
pub fn change_log_sql(shape: &Shape, undone_run: i64) -> String {
    let why = literal(&format!("rollback of run {undone_run}"));
    let none = "CAST(NULL AS VARCHAR)";
    let mut parts: Vec<String> = shape
        .core_fields()
        .map(|f| f.name.as_str())
        .chain([STATE])
        .map(|name| {
            let side = |side: &str| {
                let value = format!("{side}[{}]", literal(name));
                shape.field(name).map_or(format!("CAST({value} AS VARCHAR)"), |field| field.shown(&value))
            };
            change_log_part(&literal(name), &side("before"), &side("after"), &why, none)
        })
        .collect();
    parts.extend(shape.sets.iter().map(|s| {
        let keys = |side: &str| format!("array_to_string(set_keys({side}[{}]), ', ')", literal(&s.name));
        change_log_part(&literal(&s.name), &keys("before"), &keys("after"), &why, none)
    }));
    parts.join("\nUNION ALL\n")
}
