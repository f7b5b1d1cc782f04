//! Rows that lost to a value that is as strong as theirs.

use super::super::ident::{f, ident, literal};
use super::super::shape::{FieldShape, Shape};
use super::super::survivorship::{follows, lost_by_tie, needs_equal_time, winner};
use crate::project::ResolveSpec;

/// Rows that lost a field to a value that is as strong as theirs, with those fields, and whether they gave the core row
/// anything else. Only what is equally new can be equally strong, unless a group does not ask how new a value is. A row that
/// brings a record back and is as new as its delete lost all of them, and names none.
pub(super) fn tied(shape: &Shape, spec: &ResolveSpec) -> String {
    format!("{}\nUNION ALL\n{TIED_WITH_DELETE}", tied_fields(shape, spec))
}

const TIED_WITH_DELETE: &str = "SELECT sequence_number, CAST(NULL AS VARCHAR) AS fields, false AS gave\nFROM links\nWHERE outcome = 'unchanged' AND reason = 'as_new_as_delete'";

fn tied_fields(shape: &Shape, spec: &ResolveSpec) -> String {
    let fields: Vec<&FieldShape> =
        shape.core_fields().filter(|field| follows(spec, &field.name).is_none()).collect();
    if fields.is_empty() {
        return "SELECT seq AS sequence_number, CAST(NULL AS VARCHAR) AS fields, false AS gave\nFROM touched\nWHERE false".to_owned();
    }
    let same_time: Vec<String> = fields
        .iter()
        .map(|field| {
            let at = f(&field.name, "_at");
            format!("r.{at} = c.{at}")
        })
        .collect();
    let near = match fields.iter().all(|field| needs_equal_time(spec, &field.name)) {
        true => format!(" AND (k.target IS NOT NULL OR {})", same_time.join(" OR ")),
        false => String::new(),
    };
    let unpacked: String = fields
        .iter()
        .map(|field| {
            format!(
                ",\n         {} AS {}, c.{} AS {}",
                winner(spec, field),
                f(&field.name, "_won"),
                ident(&field.name),
                f(&field.name, "_core")
            )
        })
        .collect();
    let sets: String = shape
        .sets
        .iter()
        .map(|set| format!(", c.{} AS {}", ident(&set.name), f(&set.name, "_core")))
        .collect();
    let mut gave = vec!["x.core_id IS NULL".to_owned()];
    gave.extend(fields.iter().map(|field| {
        let won = f(&field.name, "_won");
        format!(
            "coalesce(x.{won}['seq'] = x.seq, false) AND (x.{won}['value'] IS DISTINCT FROM x.{})",
            f(&field.name, "_core")
        )
    }));
    gave.extend(shape.sets.iter().map(|set| {
        let (name, core) = (ident(&set.name), f(&set.name, "_core"));
        format!(
            "coalesce(cardinality(set_keys(x.{name})) > 0, false) AND NOT coalesce(array_has_all(set_keys(x.{core}), set_keys(x.{name})), false)"
        )
    }));
    let names: Vec<String> = fields
        .iter()
        .map(|field| format!("CASE WHEN {} THEN {} END", lost_by_tie(spec, field), literal(&field.name)))
        .collect();
    format!(
        "SELECT sequence_number, fields, gave\nFROM (\n  SELECT x.seq AS sequence_number, array_to_string(make_array({}), ', ') AS fields,\n         ({}) AS gave\n  FROM (\n  SELECT r.*, c.core_id{sets}{unpacked}\n  FROM candidates r\n  JOIN winners w ON w.target = r.target\n  LEFT JOIN core_rows c ON c.core_id = r.target\n  LEFT JOIN (\n    SELECT target FROM leads WHERE incoming_rows > 1 UNION SELECT core_id FROM again\n  ) k ON k.target = r.target\n  WHERE r.seq IS NOT NULL{near}\n  ) x\n)\nWHERE fields <> ''",
        names.join(", "),
        gave.join("\n          OR "),
    )
}
