//! May a change be taken back? Core must still hold what the run wrote, unit by unit; a created row only goes when
//! nothing of it was touched since.

use super::super::ident::{ident, literal};
use super::super::shape::{SetShape, Shape};
use super::unit::{MERGED, Narrow, STATE, Unit, reason};

/// The query of rows whose provenance has to be mended: others wrote to them since.
pub const PATCHES: &str = "patches";

/// Members of a set on all three sides: before the run, after it, now.
pub fn members(set: &SetShape) -> String {
    let name = literal(&set.name);
    let side = |side: &str| {
        format!(
            "SELECT core_id, item['key'] AS key, item['value'] AS value, item['is_primary'] AS is_primary\n  FROM (SELECT core_id, unnest({side}[{name}]) AS item FROM undo)"
        )
    };
    format!(
        "WITH b AS (\n  {}\n), a AS (\n  {}\n), f AS (\n  SELECT core_id, key, value, is_primary FROM {found}\n), k AS (\n  SELECT core_id, key FROM b UNION SELECT core_id, key FROM a UNION SELECT core_id, key FROM f\n)\nSELECT k.core_id, k.key, b.key IS NOT NULL AS in_before, b.value AS before_value, coalesce(b.is_primary, false) AS before_primary,\n       a.key IS NOT NULL AS in_after, a.value AS after_value, coalesce(a.is_primary, false) AS after_primary,\n       f.key IS NOT NULL AS in_found, f.value AS found_value, coalesce(f.is_primary, false) AS found_primary\nFROM k\nLEFT JOIN b ON b.core_id = k.core_id AND b.key = k.key\nLEFT JOIN a ON a.core_id = k.core_id AND a.key = k.key\nLEFT JOIN f ON f.core_id = k.core_id AND f.key = k.key",
        side("before"),
        side("after"),
        found = ident(&format!("found_{}", set.name)),
    )
}

/// Per core row: is the set other than the run left it, and is the first value from before gone for good?
pub fn set_state(set: &SetShape) -> String {
    format!(
        "SELECT core_id,\n       bool_or((in_found IS DISTINCT FROM in_after) OR (in_found AND ((found_value IS DISTINCT FROM after_value) OR (found_primary IS DISTINCT FROM after_primary)))) AS edited,\n       bool_or(in_before AND before_primary AND in_after AND NOT in_found) AS first_lost\nFROM {}\nGROUP BY core_id",
        ident(&format!("members_{}", set.name))
    )
}

fn all(parts: Vec<String>) -> String {
    if parts.is_empty() { "true".to_owned() } else { format!("({})", parts.join(" AND ")) }
}

fn any(parts: Vec<String>) -> String {
    if parts.is_empty() { "false".to_owned() } else { format!("({})", parts.join(" OR ")) }
}

/// The column that says whether a unit goes back.
pub fn restored(number: usize) -> String {
    format!("unit_{number}_restored")
}

/// The column that says that a unit stays although the run changed it.
pub fn stays(number: usize) -> String {
    format!("unit_{number}_stays")
}

/// The column with the value that was found.
pub fn found(field: &str) -> String {
    ident(&format!("{field}_found"))
}

/// One row per change with its verdict: `remove`, `create`, `restore`, `keep`, `gone`, `there`.
pub fn judged(shape: &Shape, units: &[Unit], narrow: &Narrow) -> String {
    let mut columns = vec![IDENTITY.to_owned()];
    for field in shape.core_fields() {
        columns.push(format!("f.{} AS {}", ident(&field.name), found(&field.name)));
    }
    let same_as = |side: &str, field: &str| {
        format!("(f.{} IS NOT DISTINCT FROM u.{side}[{}])", ident(field), literal(field))
    };
    for (number, unit) in units.iter().enumerate() {
        let changed = unit.fields.iter().map(|f| {
            let name = literal(f);
            format!("(u.before[{name}] IS DISTINCT FROM u.after[{name}])")
        });
        let lost = match &unit.set {
            Some(set) => format!("coalesce({}.first_lost, false)", ident(&format!("s_{set}"))),
            None => "false".to_owned(),
        };
        columns.push(format!("{} AS unit_{number}_changed", any(changed.collect())));
        columns.push(format!(
            "{} AS unit_{number}_holds",
            all(unit.fields.iter().map(|f| same_as("after", f)).collect())
        ));
        columns.push(format!(
            "{} AS unit_{number}_already",
            all(unit.fields.iter().map(|f| same_as("before", f)).collect())
        ));
        columns.push(format!("{lost} AS unit_{number}_lost"));
    }
    let mut same: Vec<String> = shape.core_fields().map(|f| same_as("after", &f.name)).collect();
    let mut same_before: Vec<String> = shape.core_fields().map(|f| same_as("before", &f.name)).collect();
    let mut joins = String::new();
    for set in &shape.sets {
        let (alias, table) = (ident(&format!("s_{}", set.name)), ident(&format!("set_state_{}", set.name)));
        same.push(format!("NOT coalesce({alias}.edited, false)"));
        joins.push_str(&format!("\nLEFT JOIN {table} {alias} ON {alias}.core_id = u.core_id"));
    }
    same_before.push("(f.is_active IS NOT DISTINCT FROM u.before['is_active'])".to_owned());
    let state = |side: &str, has: &str| {
        format!(
            "((f.is_active IS NOT DISTINCT FROM u.{side}['is_active']) AND (f.has_state IS NOT DISTINCT FROM {has})\n        AND (f.deactivated_at IS NOT DISTINCT FROM u.{side}['deactivated_at']) AND (f.deleted_reason IS NOT DISTINCT FROM u.{side}['deleted_reason']))"
        )
    };
    let (state_changed, state_holds, state_already) = if shape.state.is_some() {
        (
            "((u.before['is_active'] IS DISTINCT FROM u.after['is_active']) OR (u.before['has_state'] IS DISTINCT FROM u.left_state))".to_owned(),
            state("after", "u.left_state"),
            state("before", "u.before['has_state']"),
        )
    } else {
        ("false".to_owned(), "true".to_owned(), "true".to_owned())
    };
    columns.push(format!("{state_changed} AS state_changed"));
    columns.push(format!("{state_holds} AS state_holds"));
    columns.push(format!("{state_already} AS state_already"));
    columns.push(format!("{} AS values_hold", all(same)));
    columns.push(format!("{} AS values_already", all(same_before)));
    let seen = format!(
        "SELECT {}\nFROM undo u\nLEFT JOIN found f ON f.core_id = u.core_id\nLEFT JOIN link_state ls ON ls.core_id = u.core_id\nLEFT JOIN taken_state ts ON ts.core_id = u.core_id\nLEFT JOIN blocks b ON b.core_id = u.core_id{joins}",
        columns.join(",\n       ")
    );
    let units: String = units
        .iter()
        .enumerate()
        .map(|(n, unit)| {
            let wanted = format!("x.kind = 'restore' AND x.there AND {}", narrow.takes_unit(unit));
            format!(
                ",\n       {wanted} AND x.unit_{n}_changed AND x.unit_{n}_holds AND NOT x.unit_{n}_lost AS {},\n       {wanted} AND x.unit_{n}_changed AND NOT (x.unit_{n}_holds AND NOT x.unit_{n}_lost) AND NOT x.unit_{n}_already AS {}",
                restored(n),
                stays(n)
            )
        })
        .collect();
    let wanted = format!("x.kind = 'restore' AND x.there AND {}", narrow.takes(STATE));
    let whole = narrow.is_whole();
    format!(
        "SELECT x.*,\n       CASE WHEN x.kind = 'remove' AND NOT {whole} THEN 'gone'\n            WHEN x.kind = 'remove' AND NOT x.there AND x.block = {merged} THEN 'keep'\n            WHEN x.kind = 'remove' AND NOT x.there THEN 'gone'\n            WHEN x.kind = 'remove' AND x.why IS NULL THEN 'remove'\n            WHEN x.kind = 'create' AND NOT {whole} THEN 'there'\n            WHEN x.kind = 'create' AND x.there AND x.values_already THEN 'there'\n            WHEN x.kind = 'create' AND x.why IS NULL THEN 'create'\n            WHEN x.kind <> 'restore' THEN 'keep'\n            WHEN NOT x.there THEN 'gone'\n            ELSE 'restore' END AS verdict,\n       {wanted} AND x.state_changed AND x.state_holds AS state_restored,\n       {wanted} AND x.state_changed AND NOT x.state_holds AND NOT x.state_already AS state_stays,\n       x.kind = 'restore' AND x.there AND x.written AND {whole} AS provenance_back,\n       NOT x.written AND x.prov_run_id IS NOT NULL AS written_since{units}\nFROM (\nSELECT y.*, {why} AS why\nFROM (\n{seen}\n) y\n) x",
        why = why(),
        merged = reason(MERGED),
    )
}

/// Why a created row has to stay, or a removed one cannot come back; NULL where nothing speaks against it.
fn why() -> String {
    format!(
        "CASE WHEN kind = 'remove' AND block = {} THEN block\n            WHEN kind = 'remove' AND NOT written AND prov_run_id IS NOT NULL THEN {}\n            WHEN kind = 'remove' AND block IS NOT NULL THEN block\n            WHEN kind = 'remove' AND links_differ THEN {}\n            WHEN kind = 'remove' AND NOT (values_hold AND state_holds AND written) THEN {}\n            WHEN kind = 'create' AND there THEN {}\n            WHEN kind = 'create' AND taken_run_id IS NOT NULL THEN {} END",
        reason(MERGED),
        reason("changed_by_run"),
        reason("linked"),
        reason("edited"),
        reason("exists"),
        reason("linked"),
    )
}

/// What every judged row begins with. The run wrote the row last when provenance names its run and row; the fingerprint
/// may be mended already, by a rollback of a single field.
const IDENTITY: &str = "u.core_id, u.seq,
       CASE u.action WHEN 'created' THEN 'remove' WHEN 'removed' THEN 'create' ELSE 'restore' END AS kind,
       f.core_id IS NOT NULL AS there, u.before, u.after, u.before_provenance, u.after_provenance, u.left_state,
       f.is_active AS active_found, f.has_state AS state_found, f.deactivated_at AS since_found, f.deleted_reason AS reason_found,
       f.touched_at, f.prov_fingerprint, f.prov_source, f.prov_at, f.prov_run_id, f.prov_row, f.prov_action, f.prov_json,
       ((f.prov_run_id IS NOT DISTINCT FROM u.after_provenance['run_id'])
        AND (f.prov_row IS NOT DISTINCT FROM u.after_provenance['sequence_number'])) AS written,
       coalesce(ls.differs, false) AS links_differ, ls.run_id AS link_run_id, ts.run_id AS taken_run_id,
       b.reason AS block, b.who AS block_who, b.at AS block_at";

/// Rows of which units go back although others wrote to the row since: their provenance is mended field by field.
pub fn patches(units: &[Unit]) -> String {
    let names: Vec<String> = units
        .iter()
        .enumerate()
        .map(|(n, unit)| format!("CASE WHEN {} THEN {} END", restored(n), literal(&unit.fields.join(","))))
        .collect();
    format!(
        "SELECT core_id, prov_fingerprint, prov_json, before_provenance['fingerprint'] AS was_fingerprint, before_provenance['fields_json'] AS was_json,\n       before_provenance['source'] AS was_source, before_provenance['effective_at'] AS was_at,\n       array_to_string(make_array({}), ',') AS fields\nFROM judged\nWHERE verdict = 'restore' AND prov_run_id IS NOT NULL AND NOT provenance_back AND {}",
        names.join(", "),
        any((0..units.len()).map(restored).collect()),
    )
}
