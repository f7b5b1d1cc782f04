//! The difference that `changes` make, one line per core row and field: what stands there, what shall stand there,
//! and why. One scan: the fields of a row are lined up in an array and unnested.
//!
//! | column | holds |
//! | --- | --- |
//! | `row` | sequence number of the row that leads the change |
//! | `core_id` | the core row; `new:k` for the k-th new one, in the order of the rows |
//! | `action` | what happens to the core row |
//! | `field` | the field or set |
//! | `before`, `after` | as text; sets as their keys; a record that is yet to be created by its row and plan; `before` is empty for new records |
//! | `why` | who wins, over whom |

use super::ident::{ident, literal};
use super::kinds::FieldKind;
use super::references;
use super::shape::{FieldShape, Shape};

/// The columns of a difference.
pub const DIFF_COLUMNS: [&str; 7] = ["row", "core_id", "action", "field", "before", "after", "why"];

/// The difference of the table `changes`, without an order.
pub fn diff_sql(shape: &Shape) -> String {
    let mut fields: Vec<String> = shape
        .core_fields()
        .map(|f| {
            let name = literal(&f.name);
            let (before, after) = (shown(f, &format!("before[{name}]")), shown(f, &format!("after[{name}]")));
            line(&name, &before, &after, &wins(&name))
        })
        .collect();
    fields.extend(shape.sets.iter().map(|s| {
        let keys = |side: &str| format!("nullif(array_to_string(set_keys({side}[{}]), ', '), '')", literal(&s.name));
        let why = "CASE WHEN action = 'created' THEN concat('new record from row ', lead_sequence_number) ELSE 'values are added, none is taken away' END";
        line(&literal(&s.name), &keys("before"), &keys("after"), why)
    }));
    fields.extend(["is_active", "deleted_reason"].map(|state| {
        let name = literal(state);
        // A new record is active, which is no news; a reason is told where it is given.
        let (before, after) = match state {
            "is_active" => ("CAST(coalesce(before['is_active'], true) AS VARCHAR)", "CAST(after['is_active'] AS VARCHAR)"),
            _ => ("before['deleted_reason']", "after['deleted_reason']"),
        };
        let why = "CASE WHEN after['is_active'] THEN concat('row ', lead_sequence_number, ' brings the record back') ELSE concat('row ', lead_sequence_number, ' deletes the last active id of the record') END";
        line(&name, before, after, why)
    }));
    format!(
        "SELECT lead_sequence_number AS row,\n       CASE WHEN action = 'created' THEN concat('new:', number) ELSE CAST(core_id AS VARCHAR) END AS core_id, action,\n       line['field'] AS field, line['before'] AS before, line['after'] AS after, line['why'] AS why\nFROM (\n  SELECT lead_sequence_number, core_id, action, number, unnest(make_array(\n    {}\n  )) AS line\n  FROM (\n    SELECT *, CASE WHEN action = 'created' THEN row_number() OVER (PARTITION BY action ORDER BY lead_sequence_number) END AS number\n    FROM changes\n    WHERE action <> 'unchanged' AND after IS NOT NULL\n  )\n)\nWHERE line['before'] IS DISTINCT FROM line['after']",
        fields.join(",\n    ")
    )
}

/// A value as it stands in a line.
fn shown(field: &FieldShape, value: &str) -> String {
    if field.kind == FieldKind::Reference { references::shown(value) } else { field.shown(value) }
}

fn line(field: &str, before: &str, after: &str, why: &str) -> String {
    format!("named_struct('field', {field}, 'before', {before}, 'after', {after}, 'why', {why})")
}

/// Which row wins over what. A record of one row has no winners: everything is its.
fn wins(field: &str) -> String {
    let winner =
        format!("replace(coalesce(winners[{field}], concat('row:', lead_sequence_number)), ':', ' ')");
    format!(
        "CASE WHEN action = 'created' THEN concat('new record from ', {winner})\n         WHEN before[{field}] IS NULL THEN concat({winner}, ' of ', source, ' fills the empty field')\n         ELSE concat({winner}, ' of ', source, ' wins over ', coalesce(before_sources[{field}], 'core')) END"
    )
}

/// What stands in core now where `moved` changes were planned: the lines of `changes` whose core row is in `core_found`
/// with other values than those that were read, and those whose core row is gone or whose id or key was taken.
pub fn moved_sql(shape: &Shape) -> String {
    let mut fields: Vec<String> = shape
        .core_fields()
        .map(|f| {
            let (name, column) = (literal(&f.name), ident(&f.name));
            (name.clone(), shown(f, &format!("c.before[{name}]")), shown(f, &format!("f.{column}")))
        })
        .chain(shape.sets.iter().map(|s| {
            let keys = |set: &str| format!("nullif(array_to_string(set_keys({set}), ', '), '')");
            let name = literal(&s.name);
            (name.clone(), keys(&format!("c.before[{name}]")), keys(&format!("f.{}", ident(&s.name))))
        }))
        .map(|(name, planned, now)| {
            let there = "c.core_id IS NOT NULL AND f.core_id IS NOT NULL";
            format!("named_struct('field', {name}, 'planned', CASE WHEN {there} THEN {planned} END, 'now', CASE WHEN {there} THEN {now} END)")
        })
        .collect();
    fields.push(
        "named_struct('field', 'is_active', 'planned', CASE WHEN f.core_id IS NOT NULL THEN CAST(c.before['is_active'] AS VARCHAR) END, 'now', CAST(f.is_active AS VARCHAR))".to_owned(),
    );
    fields.push(
        "named_struct('field', 'record', 'planned', CASE WHEN c.core_id IS NULL THEN 'no such record' WHEN f.core_id IS NULL THEN 'a record' END, 'now', CASE WHEN c.core_id IS NULL THEN 'the id or a key of the row is taken' WHEN f.core_id IS NULL THEN 'no record' END)".to_owned(),
    );
    format!(
        "SELECT lead_sequence_number AS row, core_id, line['field'] AS field, line['planned'] AS planned, line['now'] AS now\nFROM (\n  SELECT c.lead_sequence_number, c.core_id, unnest(make_array(\n    {}\n  )) AS line\n  FROM changes c\n  JOIN moved_leads m ON m.lead = c.lead_sequence_number\n  LEFT JOIN core_found f ON f.core_id = c.core_id\n)\nWHERE line['planned'] IS DISTINCT FROM line['now']",
        fields.join(",\n    ")
    )
}

/// What differs between two plans: their differences are the tables `old_diff` and `new_diff`. New records carry no
/// id of their own here, for their numbers shift when one goes away.
pub fn plans_sql() -> &'static str {
    "SELECT row, max(core_0) AS old_core_id, max(core_1) AS new_core_id, field,\n       max(before_0) AS old_before, max(after_0) AS old_after, max(before_1) AS new_before, max(after_1) AS new_after,\n       CASE WHEN max(is_old) = 0 THEN 'only in the new plan' WHEN max(is_new) = 0 THEN 'only in the old plan' ELSE 'differs' END AS what\nFROM (\n  SELECT row, field, 1 AS is_old, 0 AS is_new, core_id AS core_0, CAST(NULL AS VARCHAR) AS core_1,\n         before AS before_0, after AS after_0, CAST(NULL AS VARCHAR) AS before_1, CAST(NULL AS VARCHAR) AS after_1\n  FROM old_diff\n  UNION ALL\n  SELECT row, field, 0, 1, CAST(NULL AS VARCHAR), core_id, CAST(NULL AS VARCHAR), CAST(NULL AS VARCHAR), before, after\n  FROM new_diff\n)\nGROUP BY row, field\nHAVING max(is_old) = 0 OR max(is_new) = 0\n    OR (max(before_0) IS DISTINCT FROM max(before_1)) OR (max(after_0) IS DISTINCT FROM max(after_1))\n    OR (CASE WHEN max(core_0) LIKE 'new:%' THEN 'new' ELSE max(core_0) END IS DISTINCT FROM CASE WHEN max(core_1) LIKE 'new:%' THEN 'new' ELSE max(core_1) END)"
}
